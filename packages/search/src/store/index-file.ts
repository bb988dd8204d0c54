import { show } from '@nestling/kit/options/show'
import { isPlainObject } from '@nestling/kit/options/value-kinds'
import type { DocumentId } from '../wire/document-id.js'
import { INDEX_PRECISIONS, type Metadata } from '../wire/protocol.js'
import { copyJson, toJson } from '../wire/json-data.js'
import { failure } from '../wire/failure.js'
import { arrayOf } from './row-array.js'
import { checkSegment, corrupt, type IndexIdentity, type Segment } from './stored-index.js'

/** First bytes of a file. */
const MAGIC = 'nestidx\n'

/** Version of the format; docs/search.md describes it. */
const FORMAT = 1

/** Magic, version, length of the header. */
const PRELUDE_BYTES = 16

/** Sections begin at multiples of this, so that they can be read as typed arrays where they are. */
const ALIGNMENT = 16

/** SHA-256 of everything before it ends the file. */
const DIGEST_BYTES = 32

const SECTIONS = ['documents', 'rowCounts', 'spans', 'vectors', 'scales'] as const

interface Section {
  readonly name: (typeof SECTIONS)[number]
  readonly offset: number
  readonly bytes: number
}

interface Header extends IndexIdentity {
  readonly documents: number
  readonly rows: number
  readonly sections: readonly Section[]
}

/** Id, text and metadata, in the section `documents`. */
type DocumentRecord = readonly [DocumentId, string | null, Metadata | null]

/** An index as a file has it. */
export interface IndexFile {
  readonly identity: IndexIdentity
  /** All documents. */
  readonly segment: Segment
}

/**
 * Makes a file of an index: little-endian, described in docs/search.md.
 *
 * @returns Its bytes.
 * @throws {TypeError} If metadata that an earlier version of this library stored is not what JSON can say.
 */
export async function writeIndexFile({ identity, segment }: IndexFile): Promise<Uint8Array<ArrayBuffer>> {
  const { dim, precision, similarity, space } = identity
  const records = segment.ids.map((id, index) => {
    const place = `metadata of the document ${show(id)}`
    const metadata = copyJson('export the index', place, segment.metadata[index] ?? null)
    return toJson([id, segment.texts[index] ?? null, metadata])
  })
  const contents: Record<Section['name'], Uint8Array> = {
    documents: new TextEncoder().encode(`[${records.join(',')}]`),
    rowCounts: bytesOf(segment.rowCounts),
    spans: bytesOf(segment.spans),
    vectors: bytesOf(segment.vectors),
    scales: bytesOf(segment.scales),
  }
  let offset = 0
  const sections = SECTIONS.map((name): Section => {
    const section = { name, offset, bytes: contents[name].byteLength }
    offset = align(offset + section.bytes)
    return section
  })
  const rows = segment.spans.length / 2
  const header: Header = { dim, precision, similarity, space, documents: segment.ids.length, rows, sections }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = align(PRELUDE_BYTES + json.byteLength)
  const file = new Uint8Array(start + offset + DIGEST_BYTES)
  file.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(file.buffer)
  view.setUint32(8, FORMAT, true)
  view.setUint32(12, json.byteLength, true)
  file.set(json, PRELUDE_BYTES)
  for (const section of sections) file.set(contents[section.name], start + section.offset)
  file.set(await digestOf(file.subarray(0, -DIGEST_BYTES)), file.byteLength - DIGEST_BYTES)
  return file
}

/**
 * Reads a file.
 *
 * @param file - Its bytes.
 * @returns The index; its arrays are views of the bytes.
 * @throws {EmbedderError} `index-corrupt` if the file is not whole, or its format is not known.
 */
export async function readIndexFile(file: Uint8Array<ArrayBuffer>): Promise<IndexFile> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const isOurs = file.byteLength >= PRELUDE_BYTES + DIGEST_BYTES && textOf(file.subarray(0, 8)) === MAGIC
  if (!isOurs) throw corrupt('the file is not one of an index')
  const format = view.getUint32(8, true)
  if (format !== FORMAT) throw corrupt(`its format ${format} is not known: this library reads ${FORMAT}`)
  const digest = await digestOf(file.subarray(0, -DIGEST_BYTES))
  const stored = file.subarray(-DIGEST_BYTES)
  if (digest.some((byte, index) => byte !== stored[index])) throw corrupt('its checksum is not that of its bytes')
  try {
    return parse(file, view.getUint32(12, true))
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'EmbedderError') throw cause
    throw corrupt('its header or its documents cannot be read', cause)
  }
}

function parse(file: Uint8Array<ArrayBuffer>, headerBytes: number): IndexFile {
  const header = JSON.parse(textOf(file.subarray(PRELUDE_BYTES, PRELUDE_BYTES + headerBytes))) as Header
  const { dim, precision, similarity, space, documents, rows } = header
  const start = align(PRELUDE_BYTES + headerBytes)
  const end = file.byteLength - DIGEST_BYTES
  const read = (name: Section['name']): ArrayBuffer => {
    const section = header.sections.find((candidate) => candidate.name === name)
    if (section === undefined || !isInside(section, end - start)) throw corrupt(`it has no section ${name}`)
    const from = file.byteOffset + start + section.offset
    return file.buffer.slice(from, from + section.bytes)
  }
  const isKnown =
    Number.isInteger(dim) && dim > 0 && INDEX_PRECISIONS.includes(precision) && ['cosine', 'dot'].includes(similarity)
  if (!isKnown) throw corrupt('its header names no kind of rows that is known')
  const records = (JSON.parse(textOf(new Uint8Array(read('documents')))) as unknown[]).map(readRecord)
  const identity: IndexIdentity = { dim, precision, similarity, space }
  const segment: Segment = {
    removed: [],
    ids: records.map(([id]) => id),
    texts: records.map(([, text]) => text),
    metadata: records.map(([, , metadata]) => metadata),
    rowCounts: new Int32Array(read('rowCounts')),
    spans: new Int32Array(read('spans')),
    vectors: new (arrayOf(precision))(read('vectors')),
    scales: new Float32Array(read('scales')),
    // How they were encoded is not in a file.
    digests: new Float64Array(records.length),
  }
  if (new Set(segment.ids).size !== documents || segment.spans.length !== 2 * rows) {
    throw corrupt('it does not have the documents that its header counts')
  }
  if (!segment.scales.every(Number.isFinite)) throw corrupt('the scale of a row is no finite number')
  return { identity, segment: checkSegment(segment, identity) }
}

/** A file need not come from us: what `add` refuses is refused here, too. */
function readRecord(record: unknown, index: number): DocumentRecord {
  const place = `documents[${index}]`
  const [id, text = null, metadata = null] = (Array.isArray(record) ? record : []) as readonly unknown[]
  if (typeof id !== 'string' && !Number.isFinite(id)) throw corrupt(`${place} has no id`)
  if (text !== null && typeof text !== 'string') throw corrupt(`the text of ${place} is none`)
  if (metadata !== null && !isPlainObject(metadata)) throw corrupt(`the metadata of ${place} is no object`)
  return [id as DocumentId, text, copyJson('import the index', `${place}.metadata`, metadata) as Metadata | null]
}

function isInside({ offset, bytes }: Section, length: number): boolean {
  return [offset, bytes].every((value) => Number.isInteger(value) && value >= 0) && offset + bytes <= length
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto }
  if (subtle !== undefined) return new Uint8Array(await subtle.digest('SHA-256', bytes))
  throw failure(
    'environment-unsupported',
    'Cannot read or write the file of an index as the browser must let this place compute digests: current value of crypto.subtle is undefined\nServe the page over HTTPS, and give a sandboxed frame an origin with allow-same-origin',
  )
}
