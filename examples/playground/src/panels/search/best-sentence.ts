import type { Embedder, Embeddings } from 'nestling'
import { splitSentences, type Sentence } from './sentences.js'

/**
 * Finds in each text the sentence that is nearest to a query.
 *
 * @param embedder - The model.
 * @param query - Embedding of the query.
 * @param options - `texts`, and the `signal` that ends it.
 * @param options.signal - Ends it.
 * @returns A sentence a text; `undefined` for a text of one sentence, where there is nothing to choose.
 */
export async function bestSentences(
  embedder: Embedder,
  query: Embeddings<readonly [number]>,
  { texts, signal }: { readonly texts: readonly string[]; readonly signal: AbortSignal },
): Promise<readonly (Sentence | undefined)[]> {
  const split = texts.map(splitSentences)
  const sentences = split.filter(({ length }) => length > 1).flat()
  if (sentences.length === 0) return texts.map(() => undefined)
  const wanted = sentences.map(({ text }) => text)
  const embeddings = await embedder.encodeDocument(wanted, { priority: 'interactive', signal })
  const scores = (await embedder.similarity(query, embeddings)).row(0)
  let next = 0
  return split.map((list) => {
    if (list.length < 2) return undefined
    const own = scores.subarray(next, (next += list.length))
    return list[own.indexOf(Math.max(...own))]
  })
}
