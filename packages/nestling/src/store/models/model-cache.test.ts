import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { IdbStorage } from '../records/idb-storage.js'
import { importModel } from './import-model.js'
import { MemoryStorage } from '../records/memory-storage.js'
import { describeModelCache } from './model-cache.contract.js'
import { openDatabase } from '../records/open-database.js'

describeModelCache(
  'memory',
  async () => new MemoryStorage(),
  async () => undefined,
)
describeModelCache(
  'fake-indexeddb',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)

const DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const FILE = { path: 'a.json', sizeBytes: 1, chunkBytes: 4, chunkSha256: [DIGEST] }
const MANIFEST = { key: 'hub:x', name: 'x', sizeBytes: 1, storedAt: 1, absentPaths: [], files: [FILE] }

/** A file with a right checksum, as docs/model-file.md describes it. */
async function fileOf(manifest: unknown, files = 'x'): Promise<Blob> {
  const json = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
  const bytes = new TextEncoder().encode(json)
  const head = new Uint8Array([
    0x89,
    0x4e,
    0x53,
    0x54,
    0x4c,
    0x0d,
    0x0a,
    0x1a,
    1,
    0,
    0,
    0,
    ...new Uint8Array(4),
    ...bytes,
  ])
  new DataView(head.buffer).setUint32(12, bytes.byteLength, true)
  return new Blob([head, files, await crypto.subtle.digest('SHA-256', head)])
}

async function failureOf(file: Blob): Promise<string> {
  const storage = new MemoryStorage()
  const error: unknown = await importModel(storage, file).catch((caught: unknown) => caught)
  for (const name of ['models', 'downloads', 'chunks', 'uses'] as const)
    expect(await storage.keys(name, [])).toEqual([])
  return isEmbedderError(error) ? `${error.code} ${error.message}` : `no typed error: ${String(error)}`
}

describe('importModel()', () => {
  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /manifest cannot be used/],
    ['JSON that is no object', [MANIFEST], /it must be an object/],
    ['no key', { ...MANIFEST, key: undefined }, /key must be a text/],
    ['a key of no source', { ...MANIFEST, key: 'x' }, /key must be a text/],
    ['no files', { ...MANIFEST, files: [] }, /files must not be empty/],
    ['files that are no list', { ...MANIFEST, files: { length: 1 } }, /files must be a list/],
    ['a path out of the folder', { ...MANIFEST, files: [{ ...FILE, path: '../a' }] }, /path must be inside/],
    ['an absolute path', { ...MANIFEST, files: [{ ...FILE, path: '/a' }] }, /path must be inside/],
    ['a path twice', { ...MANIFEST, files: [FILE, FILE], sizeBytes: 2 }, /a path is listed twice/],
    ['a file that is absent too', { ...MANIFEST, absentPaths: ['a.json'] }, /a path is listed twice/],
    ['a negative size', { ...MANIFEST, files: [{ ...FILE, sizeBytes: -1 }] }, /sizeBytes must be an integer/],
    ['a size that is no sum', { ...MANIFEST, sizeBytes: 3 }, /sizeBytes must be the sum/],
    ['too few digests', { ...MANIFEST, files: [{ ...FILE, chunkSha256: [] }] }, /a digest a chunk/],
    ['too many digests', { ...MANIFEST, files: [{ ...FILE, chunkSha256: [DIGEST, DIGEST] }] }, /a digest a chunk/],
    ['a digest in capitals', { ...MANIFEST, files: [{ ...FILE, chunkSha256: [DIGEST.toUpperCase()] }] }, /chunkSha256/],
    ['chunks of no length', { ...MANIFEST, files: [{ ...FILE, chunkBytes: 0 }] }, /chunkBytes must be from 1/],
    ['chunks of a gigabyte', { ...MANIFEST, files: [{ ...FILE, chunkBytes: 2 ** 30 }] }, /chunkBytes must be from 1/],
  ])('refuses a manifest with %s', async (_, manifest, message) => {
    const failure = await failureOf(await fileOf(manifest))
    expect(failure).toMatch(/^model-invalid/)
    expect(failure).toMatch(message)
  })

  it('refuses files whose chunks or whole digest are others', async () => {
    expect(await failureOf(await fileOf(MANIFEST, 'xy'))).toMatch(/^integrity-mismatch .*must have \d+ bytes/)
    expect(await failureOf(await fileOf(MANIFEST))).toMatch(/^integrity-mismatch .*a\.json/)
    // SHA-256 of "x" by openssl; the whole file is said to have the digest of the empty one.
    const right = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
    const whole = { ...MANIFEST, files: [{ ...FILE, chunkSha256: [right], sha256: DIGEST }] }
    expect(await failureOf(await fileOf(whole))).toMatch(/^integrity-mismatch .*a\.json/)
    const storage = new MemoryStorage()
    const good = await fileOf({ ...whole, files: [{ ...FILE, chunkSha256: [right], sha256: right }] })
    expect((await importModel(storage, good)).sizeBytes).toBe(1)
  })

  it('reads neither another version nor a manifest of 4 GiB', async () => {
    const bytes = new Uint8Array(await (await fileOf(MANIFEST)).arrayBuffer())
    const later = bytes.slice()
    later[8] = 2
    expect(await failureOf(new Blob([later]))).toMatch(/^model-invalid .*version 1: current value is 2/)
    const huge = bytes.slice()
    huge.fill(255, 12, 16)
    expect(await failureOf(new Blob([huge]))).toMatch(
      /^model-invalid .*at most 16777216 bytes: current value is 4294967295/,
    )
  })

  it('says what a page without HTTPS lacks', async () => {
    const file = await fileOf(MANIFEST)
    const { subtle } = crypto
    Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true })
    try {
      expect(await failureOf(file)).toMatch(
        /^environment-unsupported .*current value of crypto\.subtle is undefined\nServe the page over HTTPS/,
      )
    } finally {
      Object.defineProperty(crypto, 'subtle', { value: subtle, configurable: true })
    }
  })

  it('keeps what was stored where there is no room', async () => {
    const right = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
    const good = await fileOf({ ...MANIFEST, files: [{ ...FILE, chunkSha256: [right] }] })
    const full = new DOMException('full', 'QuotaExceededError')
    const storage = new IdbStorage(await openDatabase())
    await importModel(storage, good)
    const before = await storage.list('models', [])
    const put = IDBObjectStore.prototype.put
    IDBObjectStore.prototype.put = () => {
      throw full
    }
    const error: unknown = await importModel(storage, good).catch((caught: unknown) => caught)
    IDBObjectStore.prototype.put = put
    expect(isEmbedderError(error, 'quota-exceeded')).toBe(true)
    expect(await storage.list('models', [])).toEqual(before)
    expect(await storage.keys('chunks', [])).toHaveLength(1)
    storage.close()
    await deleteDB('nestling')
  })
})
