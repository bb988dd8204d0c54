import type { DocumentChoice } from '../wire/protocol.js'
import { compileFilter } from './compile-filter.js'
import type { DocumentTable } from './document-table.js'

/** Says whether marks of the page are of another version of the index: nothing may be done by them. */
export function isStale({ allowed }: DocumentChoice, version: number): boolean {
  return allowed !== undefined && allowed.version !== version
}

/**
 * Marks the documents that a call is about.
 *
 * @param what - The call, for the message.
 * @param documents - The documents; `undefined` where there never were any, and the filter is checked all the same.
 * @returns A byte a place; `undefined` for all.
 * @throws {TypeError} If the filter is none.
 */
export function chosenPlaces(
  what: string,
  documents: DocumentTable | undefined,
  { filter, allowed }: DocumentChoice,
): Uint8Array | undefined {
  if (filter === undefined) return allowed?.bytes
  const fits = compileFilter(what, filter)
  const marks = new Uint8Array(documents?.end ?? 0)
  for (const place of documents?.places() ?? []) {
    marks[place] = fits(documents?.at(place)?.metadata ?? null) ? 1 : 0
  }
  return marks
}
