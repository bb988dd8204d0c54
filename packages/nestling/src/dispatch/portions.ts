/** Texts of one message to the worker: copying that much takes the main thread about a millisecond. */
export const PORTION_TEXTS = 1024
/** UTF-16 units of the texts of one message. */
export const PORTION_UNITS = 500_000

/** Part of a long list of texts. */
export interface ListPortion {
  /** Index of its first text. */
  readonly start: number
  readonly texts: readonly string[]
}

/** Cuts a list into portions in its order, so that no single message to the worker holds the main thread up. */
export function* portionsOf(texts: readonly string[]): Generator<ListPortion, void, undefined> {
  let start = 0
  let units = 0
  for (let index = 0; index < texts.length; index++) {
    const length = texts[index]?.length ?? 0
    if (index > start && (index - start >= PORTION_TEXTS || units + length > PORTION_UNITS)) {
      yield { start, texts: texts.slice(start, index) }
      start = index
      units = 0
    }
    units += length
  }
  if (start < texts.length) yield { start, texts: texts.slice(start) }
}
