import { show } from '@nestling/kit/options/show'

/** What a document is known by: unique in its index. 1 and '1' are two. */
export type DocumentId = string | number

/**
 * Checks what names a document.
 *
 * @param what - The call, for the message.
 * @param path - Where it is, for the message.
 * @param id - What the caller gave.
 * @returns The id; 0 for -0, which no map tells from it.
 * @throws {TypeError} If it is neither a string nor a finite number.
 */
export function readId(what: string, path: string, id: unknown): DocumentId {
  if (typeof id === 'string') return id
  if (typeof id === 'number' && Number.isFinite(id)) return id === 0 ? 0 : id
  throw new TypeError(`Cannot ${what} as ${path} must be a string or a finite number: current value is ${show(id)}`)
}
