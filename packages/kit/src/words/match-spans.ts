import { foldWithOffsets } from './fold-text.js'
import { splitTerms } from './split-terms.js'

/** A part of a text, in UTF-16 units. */
export interface MatchSpan {
  /** First unit. */
  readonly start: number
  /** The unit behind the last. */
  readonly end: number
}

/** Finds where a text has some of the terms: spans in rising order; what overlaps or touches is one. */
export function spansOf(text: string, terms: ReadonlySet<string>): MatchSpan[] {
  const { text: folded, starts, ends } = foldWithOffsets(text)
  const found = splitTerms(folded).filter((term) => terms.has(term.text))
  const spans = found.map(({ start, end }) => ({ start: starts[start] as number, end: ends[end - 1] as number }))
  const merged: { start: number; end: number }[] = []
  for (const span of spans.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last === undefined || span.start > last.end) merged.push(span)
    else last.end = Math.max(last.end, span.end)
  }
  return merged
}
