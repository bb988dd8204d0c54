/** All of an index of words that is kept: of documents that are there alone. */
export interface WordState {
  /** Number of documents. */
  readonly size: number
  readonly terms: readonly string[]
  /** Where the entries of each term begin in the two below; one more for the end. */
  readonly starts: Uint32Array<ArrayBuffer>
  /** Documents, rising for each term. */
  readonly documents: Int32Array<ArrayBuffer>
  /** The field in the highest four bits, and how often. */
  readonly counts: Uint16Array<ArrayBuffer>
  /** Terms in each field of each document, those of a document side by side. */
  readonly lengths: Int32Array<ArrayBuffer>
}

/** Leaves out the documents that are marked with 1, and terms that no other has. */
export function withoutGone(state: WordState, gone: Uint8Array): WordState {
  const numbers = new Int32Array(state.size)
  let size = 0
  for (let document = 0; document < state.size; document++) numbers[document] = gone[document] === 1 ? -1 : size++
  const terms: string[] = []
  const starts = new Uint32Array(state.terms.length + 1)
  const documents = new Int32Array(state.documents.length)
  const counts = new Uint16Array(state.counts.length)
  let end = 0
  for (const [term, text] of state.terms.entries()) {
    const start = end
    for (let place = state.starts[term] as number; place < (state.starts[term + 1] as number); place++) {
      const document = numbers[state.documents[place] as number] as number
      if (document < 0) continue
      documents[end] = document
      counts[end++] = state.counts[place] as number
    }
    if (end > start) starts[terms.push(text)] = end
  }
  const fields = state.lengths.length / Math.max(1, state.size)
  const lengths = state.lengths.filter((_, place) => gone[Math.floor(place / fields)] !== 1)
  return {
    size,
    terms,
    starts: starts.slice(0, terms.length + 1),
    documents: documents.slice(0, end),
    counts: counts.slice(0, end),
    lengths,
  }
}
