import { MIN_NORM, normOf } from '@nestling/kit/math/norm'
import type { SearchEmbedder } from './search-embedder.js'
import type { SearchPassage } from './search-options.js'

/** What sentences are compared with, and by. */
export interface SentenceQuery {
  readonly embedder: SearchEmbedder
  readonly vector: Float32Array
  readonly signal: AbortSignal | undefined
}

/**
 * Finds the sentence of each passage that is nearest to a query, by cosine. All sentences are encoded in one call.
 *
 * @param passages - Parts of texts.
 * @returns For each the sentence, its place in the same text; `undefined` where a passage has none.
 */
export async function nearestSentences(
  passages: readonly (SearchPassage | undefined)[],
  { embedder, vector, signal }: SentenceQuery,
): Promise<readonly (SearchPassage | undefined)[]> {
  const sentences = passages.map((passage) => (passage === undefined ? [] : sentencesOf(passage)))
  const texts = sentences.flat().map(({ text }) => text)
  if (texts.length === 0) return sentences.map(() => undefined)
  const { data, dim } = await embedder.encodeDocument(texts, { truncateDim: vector.length, signal })
  let row = 0
  return sentences.map((own) => {
    let best: SearchPassage | undefined
    let highest = -Infinity
    for (const sentence of own) {
      const score = cosine(data.subarray(row * dim, ++row * dim), vector)
      if (score <= highest) continue
      highest = score
      best = sentence
    }
    return best
  })
}

/** Where a sentence ends differs little between languages: the browser's own rules decide. */
function sentencesOf({ text, start }: SearchPassage): SearchPassage[] {
  const segments = new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text)
  return Array.from(segments, ({ segment, index }) => {
    const from = start + index + segment.length - segment.trimStart().length
    const sentence = segment.trim()
    return { text: sentence, start: from, end: from + sentence.length }
  }).filter((sentence) => sentence.text !== '')
}

function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0
  for (let index = 0; index < b.length; index++) product += (a[index] ?? 0) * (b[index] as number)
  return product / Math.max(normOf(a) * normOf(b), MIN_NORM)
}
