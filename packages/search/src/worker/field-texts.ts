import { TEXT_FIELD } from '../keywords/field-boosts.js'
import type { KeywordDocument, KeywordIndexOptions } from '../keywords/keyword-index.js'
import type { KeptDocument } from '../wire/protocol.js'

/** Names of the metadata's members that are searched. */
export function fieldNames({ fields = {} }: KeywordIndexOptions): readonly string[] {
  return Object.keys(fields).filter((name) => name !== TEXT_FIELD)
}

/**
 * Gives what is searched of a document by words.
 *
 * @param names - Members of its metadata; what is neither a text nor a list of texts is passed over.
 * @returns `undefined` where it has no text at all.
 */
export function toKeywordDocument(
  { id, text, metadata }: KeptDocument,
  names: readonly string[],
): KeywordDocument | undefined {
  const fields: Record<string, string | readonly string[]> = {}
  for (const name of names) {
    const value = metadata !== null && Object.hasOwn(metadata, name) ? metadata[name] : undefined
    if (typeof value === 'string') fields[name] = value
    else if (isTexts(value)) fields[name] = value
  }
  if ((text ?? '') === '' && Object.keys(fields).length === 0) return undefined
  return { id, text: text ?? '', fields }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}
