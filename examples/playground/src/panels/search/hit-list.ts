import type { SearchHit } from '@nestling/search'
import { create } from '../../dom/create.js'
import { highlighted } from './highlight.js'
import type { PassageMetadata } from './passage-index.js'
import type { Sentence } from './sentences.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

/**
 * Lists hits.
 *
 * @param hits - Hits, the best first.
 * @param options - `query` for the words to mark, and `best` sentences, where they are known.
 * @param options.query - What was looked for.
 * @param options.best - The nearest sentence of each hit.
 */
export function showHits(
  list: HTMLElement,
  hits: readonly SearchHit<PassageMetadata>[],
  { query, best }: { readonly query: string; readonly best?: readonly (Sentence | undefined)[] },
): void {
  const [first] = hits
  list.replaceChildren(
    ...hits.map(({ score, metadata, passage }, index) => {
      const strength = first === undefined || first.score <= 0 ? 0 : Math.max(0, score / first.score)
      const source = [metadata?.source, metadata?.heading].filter(Boolean).join(' · ')
      const text = create('span', { class: 'hit-text' }, highlighted(passage?.text ?? '', query, best?.[index]))
      return create('li', { class: 'hit', style: `--strength: ${strength.toFixed(2)}` }, [
        create('span', { class: 'hit-source' }, [source]),
        create('span', { class: 'hit-score' }, [fixedNumber(score, 3)]),
        text,
      ])
    }),
  )
}
