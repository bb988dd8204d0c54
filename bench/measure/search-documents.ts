import { createRandom } from './random.js'

/** A document that was made. */
export interface MadeDocument {
  readonly id: number
  readonly text: string
}

/** About 60 words of sentences with seven each. */
const SENTENCES_A_DOCUMENT = 8

/** Words of a query. */
const QUERY_WORDS = 4

/**
 * Makes documents of sentences that follow each other in no order.
 *
 * @param sentences - What they are made of.
 * @returns Documents, the same for the same seed.
 */
export function makeDocuments(sentences: readonly string[], count: number, seed: number): MadeDocument[] {
  const random = createRandom(seed)
  const pick = (): string => sentences[Math.floor(random() * sentences.length)] ?? ''
  return Array.from({ length: count }, (_, id) => {
    return { id, text: Array.from({ length: SENTENCES_A_DOCUMENT }, pick).join(' ') }
  })
}

/**
 * Makes queries: some words that follow each other in a document.
 *
 * @returns One for each of as many documents, spread over all.
 */
export function makeQueries(documents: readonly MadeDocument[], count: number): string[] {
  const step = Math.max(1, Math.floor(documents.length / count))
  return Array.from({ length: count }, (_, index) => {
    const words = (documents[(index * step) % documents.length]?.text ?? '').split(' ')
    const start = Math.floor(words.length / 2)
    return words.slice(start, start + QUERY_WORDS).join(' ')
  })
}

/**
 * Makes vectors that cost nothing beside an index: numbers that depend on the text alone, without meaning.
 *
 * @returns Rows that follow each other.
 */
export function vectorsOf(texts: readonly string[], dim: number): Float32Array {
  const rows = new Float32Array(texts.length * dim)
  for (const [row, text] of texts.entries()) {
    const random = createRandom(seedOf(text))
    for (let index = row * dim; index < (row + 1) * dim; index++) rows[index] = random() - 0.5
  }
  return rows
}

/** FNV-1a over UTF-16 units. */
function seedOf(text: string): number {
  let hash = 0x81_1c_9d_c5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93)
  return hash
}
