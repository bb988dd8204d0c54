import type { WordState } from '@nestling/kit/words/word-state'
import { bytesToWordState, wordStateToBytes } from '@nestling/kit/words/word-state-bytes'
import type { DocumentId } from '../wire/document-id.js'
import { failure } from '../wire/failure.js'
import type { FieldBoosts } from './field-boosts.js'

/** `nestkey` and a line feed. */
const MAGIC = Uint8Array.of(0x6e, 0x65, 0x73, 0x74, 0x6b, 0x65, 0x79, 0x0a)

/** What `toBytes` writes. Another way to split texts needs another number, as it makes other terms. 1 was JSON. */
const VERSION = 2

/** Before the head: the magic, the version, a sum of all bytes behind it, and the length of the head. */
const HEAD_START = 20

/** All of a keyword index. */
export interface SavedKeywords {
  readonly boosts: FieldBoosts
  /** By number of the document. */
  readonly ids: DocumentId[]
  readonly state: WordState
}

interface Head {
  readonly boosts: readonly (readonly [string, number])[]
  readonly ids: DocumentId[]
}

/** Writes a keyword index. */
export function keywordsToBytes({ boosts, ids, state }: SavedKeywords): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify({ boosts: [...boosts], ids } satisfies Head))
  const words = wordStateToBytes(state)
  const bytes = new Uint8Array(HEAD_START + head.length + words.length)
  bytes.set(MAGIC)
  bytes.set(head, HEAD_START)
  bytes.set(words, HEAD_START + head.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(8, VERSION, true)
  view.setUint32(16, head.length, true)
  view.setUint32(12, sumOf(bytes.subarray(16)), true)
  return bytes
}

/**
 * Reads what {@link keywordsToBytes} wrote.
 *
 * @throws {EmbedderError} With `index-corrupt` if it is something else.
 */
export function bytesToKeywords(bytes: Uint8Array): SavedKeywords {
  try {
    return read(bytes)
  } catch (cause) {
    throw failure(
      'index-corrupt',
      `Cannot read a keyword index as it must be what toBytes gave, version ${VERSION}: current length is ${bytes.length} bytes\nMake the index again from its texts.`,
      { cause, details: { sizeBytes: bytes.length } },
    )
  }
}

function read(bytes: Uint8Array): SavedKeywords {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (MAGIC.some((byte, place) => bytes[place] !== byte)) throw new TypeError('It is something else')
  const version = view.getUint32(8, true)
  if (version !== VERSION) throw new TypeError(`Its version is ${version}`)
  if (view.getUint32(12, true) !== sumOf(bytes.subarray(16))) throw new TypeError('Its sum is another')
  const end = HEAD_START + view.getUint32(16, true)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEAD_START, end))
  const { boosts, ids } = JSON.parse(text) as Head
  const state = bytesToWordState(bytes.subarray(end))
  if (ids.length !== state.size) throw new TypeError('It has not an id for each document')
  return { boosts: new Map(boosts), ids, state }
}

/** FNV-1a, which tells what is damaged, though not what somebody made up. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193)
  return sum >>> 0
}
