import { nextTask } from '@nestling/kit/calls/next-task'
import { show } from '@nestling/kit/options/show'
import { isPlainObject } from '@nestling/kit/options/value-kinds'
import { readId } from '../../wire/document-id.js'
import { copyJson } from '../../wire/json-data.js'
import type { IndexDocument } from '../search-index.js'

/** Longest stretch of reading before the page may handle input: there may be a hundred thousand documents. */
const SLICE_MS = 4

const WHAT = 'add documents'

/**
 * Makes sure that documents are well formed and copies them, but for their vectors: what the caller changes from now on is not in them,
 * and reactive proxies become plain data.
 *
 * @param documents - What the caller gave.
 * @returns Documents of our own, in their order.
 * @throws {TypeError} If they are no list, an id or a text has the wrong type, or metadata is not what JSON can say.
 * @throws {RangeError} If an id comes twice, or metadata is nested too deep.
 */
export async function readDocuments<M extends object>(
  documents: readonly IndexDocument<M>[],
): Promise<readonly IndexDocument<M>[]> {
  const given: unknown = documents
  if (!Array.isArray(given)) throw refusal('documents', 'a list', given)
  const places = new Map<unknown, number>()
  const read: IndexDocument<M>[] = []
  let started = performance.now()
  for (const [index, document] of given.entries()) {
    const copy = readDocument<M>(`documents[${index}]`, document)
    const twin = places.get(copy.id)
    if (twin !== undefined) {
      throw new RangeError(
        `Cannot ${WHAT} as ids must be unique: current value of documents[${twin}] and documents[${index}] is ${show(copy.id)}`,
      )
    }
    places.set(copy.id, index)
    read.push(copy)
    if (performance.now() - started < SLICE_MS) continue
    await nextTask()
    started = performance.now()
  }
  return read
}

function readDocument<M extends object>(path: string, document: unknown): IndexDocument<M> {
  if (typeof document !== 'object' || document === null) throw refusal(path, 'an object', document)
  const { id, text, metadata, embedding } = document as Readonly<Record<keyof IndexDocument, unknown>>
  const named = readId(WHAT, `${path}.id`, id)
  if (text !== undefined && typeof text !== 'string') throw refusal(`${path}.text`, 'a string', text)
  if (metadata !== undefined && !isPlainObject(metadata)) throw refusal(`${path}.metadata`, 'a plain object', metadata)
  return {
    id: named,
    text,
    metadata: metadata === undefined ? undefined : (copyJson(WHAT, `${path}.metadata`, metadata) as M),
    embedding: embedding as IndexDocument['embedding'],
  }
}

function refusal(path: string, rule: string, value: unknown): TypeError {
  return new TypeError(`Cannot ${WHAT} as ${path} must be ${rule}: current value is ${show(value)}`)
}
