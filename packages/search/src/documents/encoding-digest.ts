/** What is kept of documents of which nobody knows how they were encoded. */
export const UNKNOWN_DIGEST = 0

const FNV_PRIME = 0x01000193
const FNV_OFFSET = 0x811c9dc5

/**
 * Makes a number of how a document was encoded: 52 bits by FNV-1a, once forwards and once backwards. It tells two encodings of one text
 * apart and nothing else, so that one chance in 2^52 is small enough.
 *
 * @param encoding - `encodings` of a portion.
 * @returns An integer above 0, {@link UNKNOWN_DIGEST} where nobody knows.
 * @see {@link https://datatracker.ietf.org/doc/html/draft-eastlake-fnv | FNV}
 */
export function digestOf(encoding: string | undefined): number {
  if (encoding === undefined) return UNKNOWN_DIGEST
  let forwards = FNV_OFFSET
  let backwards = FNV_OFFSET
  for (let place = 0; place < encoding.length; place++) {
    forwards = Math.imul(forwards ^ encoding.charCodeAt(place), FNV_PRIME)
    backwards = Math.imul(backwards ^ encoding.charCodeAt(encoding.length - 1 - place), FNV_PRIME)
  }
  return (forwards >>> 0) + (backwards >>> 12) * 2 ** 32 + 1
}
