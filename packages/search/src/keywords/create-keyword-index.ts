import type { KeywordIndex } from './keyword-index.js'

/**
 * Makes a keyword index. What it needs is loaded with the first one.
 *
 * @param bytes - What `toBytes` of another gave; none for an empty index.
 * @returns What finds documents by their words.
 * @throws {EmbedderError} With `index-corrupt` if the bytes are not such an index.
 */
export async function createKeywordIndex(bytes?: Uint8Array): Promise<KeywordIndex> {
  const { MiniSearchIndex } = await import('./mini-search-index.js')
  return bytes === undefined ? new MiniSearchIndex() : MiniSearchIndex.fromBytes(bytes)
}
