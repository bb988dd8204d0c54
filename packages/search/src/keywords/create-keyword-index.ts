import type { KeywordIndex, KeywordIndexOptions } from './keyword-index.js'

/**
 * Makes a keyword index. What it needs is loaded with the first one.
 *
 * @param from - Options of an empty index, or what `toBytes` of another gave, which has its options.
 * @returns What finds documents by their words.
 * @throws {EmbedderError} With `index-corrupt` if the bytes are not such an index.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If there are more than 15 fields beside `text`, or a boost is not from 0.001 to 1000.
 */
export async function createKeywordIndex(from: Uint8Array | KeywordIndexOptions = {}): Promise<KeywordIndex> {
  const { RankedKeywordIndex } = await import('./ranked-keyword-index.js')
  return ArrayBuffer.isView(from) ? RankedKeywordIndex.fromBytes(from) : RankedKeywordIndex.create(from)
}
