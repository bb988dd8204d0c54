import type { StoredFile, StoredModel } from './stored-model.js'

/** What an exported model says of itself: its generation is the importing store's business. */
export type ModelFileManifest = Omit<StoredModel, 'generation'>

const SHA256 = /^[0-9a-f]{64}$/

/** A chunk is held in memory, and read on the page's own thread. */
const MAX_CHUNK_BYTES: number = 4 * 2 ** 20

/** Sources whose files are stored. */
const KEY = /^(?:hub|url|package):.{1,2000}$/s

/**
 * Reads the manifest of an exported model: a file of unknown origin, of which nothing is taken on trust.
 *
 * @param text - JSON.
 * @returns The manifest, with the fields that are known and no others.
 * @throws {Error} If a field is missing, has another type or contradicts another.
 */
export function parseManifest(text: string): ModelFileManifest {
  const fields = objectOf(JSON.parse(text), 'it')
  const { key, name, commit, storedAt } = fields
  const files = listOf(fields['files'], 'files').map(fileOf)
  const absentPaths = listOf(fields['absentPaths'], 'absentPaths').map((path) => pathOf(path))
  const paths = [...files.map(({ path }) => path), ...absentPaths]
  if (files.length === 0) throw new Error('files must not be empty')
  if (new Set(paths).size !== paths.length) throw new Error('a path is listed twice')
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  if (fields['sizeBytes'] !== sizeBytes) throw new Error('sizeBytes must be the sum of the files')
  return {
    key: textOf(key, 'key', KEY),
    name: textOf(name, 'name'),
    commit: optional(commit, (value) => textOf(value, 'commit')),
    sizeBytes,
    storedAt: sizeOf(storedAt, 'storedAt'),
    absentPaths,
    files,
  }
}

function fileOf(value: unknown): StoredFile {
  const { path, sizeBytes, sha256, etag, chunkSha256, chunkBytes } = objectOf(value, 'a file')
  const size = sizeOf(sizeBytes, 'sizeBytes')
  const chunkSize = sizeOf(chunkBytes, 'chunkBytes')
  if (chunkSize < 1 || chunkSize > MAX_CHUNK_BYTES) throw new Error(`chunkBytes must be from 1 to ${MAX_CHUNK_BYTES}`)
  const digests = listOf(chunkSha256, 'chunkSha256').map((digest) => textOf(digest, 'chunkSha256', SHA256))
  if (digests.length !== Math.ceil(size / chunkSize)) throw new Error('chunkSha256 must have a digest a chunk')
  return {
    path: pathOf(path),
    sizeBytes: size,
    sha256: optional(sha256, (digest) => textOf(digest, 'sha256', SHA256)),
    etag: optional(etag, (tag) => textOf(tag, 'etag')),
    chunkSha256: digests,
    chunkBytes: chunkSize,
  }
}

function pathOf(value: unknown): string {
  const path = textOf(value, 'path')
  const isInner = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !path.includes('\\')
  if (!isInner) throw new Error('path must be inside of the folder')
  return path
}

function objectOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(`${name} must be an object`)
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[]
  throw new Error(`${name} must be a list`)
}

function textOf(value: unknown, name: string, pattern = /./s): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  throw new Error(`${name} must be a text that fits ${String(pattern)}`)
}

function sizeOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`${name} must be an integer from 0`)
}

/** JSON has no `undefined`: the field is left out. */
function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value)
}
