/** How soon more of the same word adds nothing, and how much longer fields count less: the usual values. */
export const K1 = 1.2
export const B = 0.75

/**
 * How much a word tells, from the number of documents that have it.
 *
 * @see {@link https://doi.org/10.1561/1500000019 | Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009}
 */
export function inverseDocumentFrequency(documents: number, having: number): number {
  return Math.log(1 + (documents - having + 0.5) / (having + 0.5))
}
