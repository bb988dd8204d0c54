import { readFileSync } from 'node:fs'
import { fixturePath, listFixtureFiles } from '@nestling/testing/disk'
import { beforeAll, describe, expect, it } from 'vitest'
import { isEmbedderError, type EmbedderError } from '../../wire/embedder-error.js'
import type { ModelLocation } from '../../wire/protocol.js'
import { DownloadProgress, type DownloadTotals } from '../download/download-progress.js'
import { ModelFolder } from '../model-folder.js'
import { readModel, type Model } from '../read-model.js'

const BERT = 'bert-mean-normalize'
const BLOBS = new Map(
  listFixtureFiles(BERT).map(({ path }) => [path, new Blob([readFileSync(fixturePath(BERT, path))])] as const),
)

function read(location: ModelLocation): { model: Promise<Model>; seen: DownloadTotals[] } {
  const seen: DownloadTotals[] = []
  return { model: readModel(new ModelFolder(location, new DownloadProgress((totals) => seen.push(totals)))), seen }
}

async function failure(location: ModelLocation): Promise<EmbedderError> {
  const error: unknown = await read(location).model.catch((caught: unknown) => caught)
  if (isEmbedderError(error)) return error
  throw new Error('It did not fail with a typed error', { cause: error })
}

let spaceId: string
beforeAll(async () => {
  const model = await read({ kind: 'listed', name: 'listed', files: listFixtureFiles(BERT) }).model
  spaceId = model.spaceId
})

describe('blobs', () => {
  const location = (blobs: ReadonlyMap<string, Blob>): ModelLocation => ({ kind: 'blobs', name: 'my-model', blobs })
  const changed = (path: string, blob?: Blob): ModelLocation => {
    const blobs = new Map(BLOBS)
    if (blob === undefined) blobs.delete(path)
    else blobs.set(path, blob)
    return location(blobs)
  }

  it('are the same model as a package of the same files, and count their bytes', async () => {
    const { model, seen } = read(location(BLOBS))
    expect((await model).spaceId).toBe(spaceId)
    expect(seen.at(-1)).toMatchObject({ loadedBytes: seen.at(-1)?.totalBytes })
    expect(seen.at(-1)?.loadedBytes).toBeGreaterThan(300_000)
  })

  it('need a config.json', async () => {
    const error = await failure(changed('config.json'))
    expect(error).toMatchObject({ code: 'model-not-found', details: { path: 'config.json' } })
    expect(error.message).toContain('it is not among the files of my-model')
  })

  it('say so where only a pickle is there', async () => {
    const blobs = new Map(BLOBS).set('pytorch_model.bin', new Blob())
    blobs.delete('model.safetensors')
    expect((await failure(location(blobs))).code).toBe('weights-missing')
  })

  it('tell of a file that cannot be read any more', async () => {
    const gone = new Blob()
    gone.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'))
    const error = await failure(changed('tokenizer.json', gone))
    expect(error.code).toBe('model-fetch-failed')
    expect(error.message).toMatch(/tokenizer\.json .* may have changed/)
  })
})

/** A directory handle over blobs by path; every call fails with `error` where one is given. */
class FakeDirectory {
  readonly kind = 'directory'
  readonly name = 'my-folder'
  readonly #blobs: ReadonlyMap<string, Blob>
  readonly #error: DOMException | undefined

  constructor(blobs: ReadonlyMap<string, Blob>, error?: DOMException) {
    this.#blobs = blobs
    this.#error = error
  }

  async getDirectoryHandle(name: string): Promise<FakeDirectory> {
    const inner = [...this.#blobs].filter(([path]) => path.startsWith(`${name}/`))
    if (this.#blobs.has(name)) throw new DOMException('a file', 'TypeMismatchError')
    if (inner.length === 0) throw new DOMException('none', 'NotFoundError')
    return new FakeDirectory(new Map(inner.map(([path, blob]) => [path.slice(name.length + 1), blob])))
  }

  async getFileHandle(name: string): Promise<{ getFile: () => Promise<Blob> }> {
    if (this.#error !== undefined) throw this.#error
    const blob = this.#blobs.get(name)
    if (blob === undefined) throw new DOMException('none', 'NotFoundError')
    return { getFile: async () => blob }
  }
}

describe('a directory handle', () => {
  const location = (blobs: ReadonlyMap<string, Blob>, error?: DOMException): ModelLocation => {
    const handle = new FakeDirectory(blobs, error) as unknown as FileSystemDirectoryHandle
    return { kind: 'directory', name: 'my-folder', handle }
  }

  it('is the same model as a package of the same files', async () => {
    const { model, seen } = read(location(BLOBS))
    expect((await model).spaceId).toBe(spaceId)
    expect(seen.at(-1)).toMatchObject({ loadedBytes: seen.at(-1)?.totalBytes })
  })

  it('may have a file where a folder should be', async () => {
    const blobs = new Map(BLOBS).set('1_Pooling', new Blob())
    expect(await failure(location(blobs))).toMatchObject({
      code: 'model-not-found',
      details: { path: '1_Pooling/config.json' },
    })
  })

  it('says so where only a pickle is there', async () => {
    const blobs = new Map(BLOBS).set('pytorch_model.bin', new Blob())
    blobs.delete('model.safetensors')
    expect((await failure(location(blobs))).code).toBe('weights-missing')
  })

  it.each([
    ['NotAllowedError', 'model-unauthorized', /requestPermission/],
    ['SecurityError', 'model-unauthorized', /requestPermission/],
    ['NotReadableError', 'model-fetch-failed', /cannot be read: NotReadableError/],
  ])('that answers with %s is a typed error', async (name, code, message) => {
    const error = await failure(location(BLOBS, new DOMException('no', name)))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })
})
