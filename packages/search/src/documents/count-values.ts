import type { ValueCounts } from '../wire/protocol.js'
import type { DocumentTable } from './document-table.js'

/**
 * Counts the documents that have a value, as a filter would find them: a list is counted by its elements, each once a document; what is
 * missing, and objects, are not.
 *
 * @param documents - The documents; `undefined` where there never were any.
 * @param name - A member of their metadata.
 * @param chosen - A byte a place; `undefined` for all.
 */
export function countValues(
  documents: DocumentTable | undefined,
  name: string,
  chosen: Uint8Array | undefined,
): ValueCounts {
  const counts = new Map<string | number | boolean | null, number>()
  for (const place of documents?.places() ?? []) {
    const metadata = documents?.at(place)?.metadata
    if (chosen?.[place] === 0 || metadata == null || !Object.hasOwn(metadata, name)) continue
    const value = metadata[name]
    for (const element of new Set<unknown>(Array.isArray(value) ? value : [value])) {
      if (typeof element === 'object' && element !== null) continue
      const counted = element as string | number | boolean | null
      counts.set(counted, (counts.get(counted) ?? 0) + 1)
    }
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a))
}
