import type { Hit } from './passage-index.js'

/** Scores of this model that look unrelated and certain to a reader; between them a highlight grows stronger. */
const FAINT_SCORE = 0.15
const STRONG_SCORE = 0.65
const LEAST_STRENGTH = 0.12

let highlighted: readonly HTMLElement[] = []

/**
 * Colours the passages that were found, the best one most.
 *
 * @param hits - Hits, the best one first.
 */
export function highlight(hits: readonly Hit[]): void {
  clearHighlights()
  for (const [rank, { passage, score }] of hits.entries()) {
    passage.element.classList.add('hit')
    passage.element.classList.toggle('best-hit', rank === 0)
    passage.element.style.setProperty('--strength', strengthOf(score).toFixed(2))
  }
  highlighted = hits.map(({ passage }) => passage.element)
}

/** Takes all highlights away. */
export function clearHighlights(): void {
  for (const element of highlighted) {
    element.classList.remove('hit', 'best-hit')
    element.style.removeProperty('--strength')
  }
  highlighted = []
}

function strengthOf(score: number): number {
  return Math.min(1, Math.max(LEAST_STRENGTH, (score - FAINT_SCORE) / (STRONG_SCORE - FAINT_SCORE)))
}
