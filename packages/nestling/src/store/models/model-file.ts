import { sha256 } from '../../model/sha256.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { StoredModel } from './stored-model.js'
import { parseManifest, type ModelFileManifest } from './model-file-manifest.js'

/** First bytes of an exported model; the last ones tell a file that went through a text conversion, as in PNG. */
const MAGIC = Uint8Array.from([0x89, 0x4e, 0x53, 0x54, 0x4c, 0x0d, 0x0a, 0x1a])

/** Raised when older code could no longer read what is written. */
const VERSION = 1

/** Magic, version and length of the manifest. */
const PREFIX_BYTES = 16

/** SHA-256 of everything before the files: the manifest in it holds the SHA-256 of every chunk. */
const CHECKSUM_BYTES = 32

/** A manifest has about 90 bytes for each 4 MiB. One that claims more than this is not read. */
const MAX_MANIFEST_BYTES: number = 16 * 2 ** 20

/** An exported model whose manifest was found to be right, and where its files begin. */
export interface ModelFileHeader {
  readonly manifest: ModelFileManifest
  /** First byte of the first file. */
  readonly filesStart: number
}

/**
 * Writes what comes before the files, and what comes after them.
 *
 * @returns Both parts.
 */
export async function writeModelFile(
  model: StoredModel,
): Promise<{ readonly head: Uint8Array<ArrayBuffer>; readonly tail: Uint8Array<ArrayBuffer> }> {
  const { key, name, commit, sizeBytes, storedAt, absentPaths } = model
  const files = model.files.map(({ path, sizeBytes: size, sha256, etag, chunkBytes, chunkSha256 }) => {
    return { path, sizeBytes: size, sha256, etag, chunkBytes, chunkSha256 }
  })
  const json = new TextEncoder().encode(JSON.stringify({ key, name, commit, sizeBytes, storedAt, absentPaths, files }))
  const head = new Uint8Array(PREFIX_BYTES + json.byteLength)
  head.set(MAGIC)
  const view = new DataView(head.buffer)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, json.byteLength, true)
  head.set(json, PREFIX_BYTES)
  return { head, tail: await sha256(head) }
}

/**
 * Reads and checks what an exported model says of itself; its files are not read yet.
 *
 * @returns Its manifest.
 * @throws {EmbedderError} `model-invalid` if it is no exported model or one of a later version, `integrity-mismatch` if it is cut
 * or changed.
 */
export async function readModelFile(blob: Blob): Promise<ModelFileHeader> {
  const prefix = await readBytes(blob, 0, PREFIX_BYTES)
  if (prefix.byteLength < PREFIX_BYTES || MAGIC.some((byte, index) => prefix[index] !== byte)) {
    throw invalid('it does not begin as an exported model does', { sizeBytes: blob.size })
  }
  const view = new DataView(prefix.buffer)
  const version = view.getUint32(8, true)
  if (version !== VERSION) {
    throw invalid(`its format must be version ${VERSION}: current value is ${version}`, { version })
  }
  const manifestBytes = view.getUint32(12, true)
  if (manifestBytes > MAX_MANIFEST_BYTES) {
    throw invalid(`its manifest must have at most ${MAX_MANIFEST_BYTES} bytes: current value is ${manifestBytes}`, {
      manifestBytes,
    })
  }
  const filesStart = PREFIX_BYTES + manifestBytes
  if (blob.size < filesStart + CHECKSUM_BYTES) throw damaged('it ends too early', { sizeBytes: blob.size })
  const head = await readBytes(blob, 0, filesStart)
  const tail = await readBytes(blob, blob.size - CHECKSUM_BYTES, CHECKSUM_BYTES)
  const digest = await sha256(head)
  if (digest.some((byte, index) => tail[index] !== byte)) {
    throw damaged('its checksum does not fit: it was cut or changed', { sizeBytes: blob.size })
  }
  const manifest = readManifest(head.subarray(PREFIX_BYTES))
  const expected = filesStart + manifest.sizeBytes + CHECKSUM_BYTES
  if (blob.size !== expected) {
    throw damaged(`it must have ${expected} bytes: current length is ${blob.size}`, { sizeBytes: blob.size })
  }
  return { manifest, filesStart }
}

function readManifest(bytes: Uint8Array): ModelFileManifest {
  try {
    return parseManifest(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalid(`its manifest cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  }
}

/**
 * Reads a part of a file.
 *
 * @param start - First byte.
 * @param length - How many.
 * @returns The bytes; fewer where the file ends before.
 * @throws {EmbedderError} `model-invalid` if the browser cannot read it: it was moved or changed since it was chosen.
 */
export async function readBytes(blob: Blob, start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.slice(start, start + length).arrayBuffer())
  } catch (cause) {
    throw invalid('the browser cannot read it: it may have been moved since it was chosen', {}, cause)
  }
}

function invalid(reason: string, details: Readonly<Record<string, number>>, cause?: unknown): EmbedderError {
  const message = `Cannot import a model as ${reason}\nGive a file that modelCache.export() made`
  return new EmbedderError('model-invalid', message, { cause, details })
}

/**
 * Makes the error of a file that was cut or changed.
 *
 * @param reason - What is wrong.
 * @param details - Facts.
 * @returns The error, to be thrown.
 */
export function damaged(reason: string, details: Readonly<Record<string, number | string>>): EmbedderError {
  const message = `Cannot import a model as ${reason}\nCopy the file again, or export it again`
  return new EmbedderError('integrity-mismatch', message, { details })
}
