import { readFileSync } from 'node:fs'
import { fixturePath, listFixtureFiles } from '@nestling/testing/disk'
import { startFolderServer, type FolderHabits, type FolderServer } from '@nestling/testing/folder-server'
import { progressFaults } from '@nestling/testing/progress-contract'
import { afterEach, describe, expect, it } from 'vitest'
import { isEmbedderError, type EmbedderError } from '../../wire/embedder-error.js'
import type { ProgressEvent } from '../../wire/progress.js'
import type { LoadRequest } from '../../wire/protocol.js'
import { LoadProgress } from '../../worker/load-progress.js'
import { withModelFiles } from '../../worker/model-files.js'
import { downloadBytes } from '../download/download-bytes.js'
import { DownloadProgress, type DownloadTotals } from '../download/download-progress.js'
import { ModelFolder } from '../model-folder.js'
import { readOnnxFile } from '../weights/onnx-file.js'
import { readOnnxFolder } from '../read-onnx-folder.js'
import { readModel, type Model } from '../read-model.js'

type Files = Map<string, Uint8Array>

/** The files of a fixture that Python made, with the size of what a load downloads: weights and tokenizer. */
function fixture(name: string): { files: Files; bytes: number } {
  const paths = listFixtureFiles(name).map(({ path }) => path)
  const files = new Map(paths.map((path) => [path, new Uint8Array(readFileSync(fixturePath(name, path)))]))
  const counted = paths.filter((path) => path.endsWith('.safetensors') || path.endsWith('tokenizer.json'))
  return { files, bytes: counted.reduce((sum, path) => sum + (files.get(path)?.byteLength ?? 0), 0) }
}

const BERT = 'bert-mean-normalize'
const SHARDED = 'bert-bf16-sharded'

let server: FolderServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

interface Loaded {
  readonly model: Model
  readonly events: readonly ProgressEvent[]
}

/** Reads the files as a load does. */
async function loadFrom(files: Files, habits: FolderHabits = {}): Promise<Loaded> {
  server = await startFolderServer(files, habits)
  const events: ProgressEvent[] = []
  const progress = new LoadProgress((event) => events.push(event))
  const model = { kind: 'url', name: 'm', baseUrl: server.url } as const
  const cache = { weights: 'off', onQuota: 'memory', embeddings: undefined } as const
  const read = withModelFiles({ request: { model, cache } as LoadRequest, progress }, async ({ folder }) => {
    return { model: await readModel(folder) }
  })
  return { model: (await read).model, events }
}

async function failureOf(files: Files, habits: FolderHabits = {}): Promise<EmbedderError> {
  const error: unknown = await loadFrom(files, habits).catch((caught: unknown) => caught)
  if (isEmbedderError(error)) return error
  throw new Error('It did not fail with a typed error', { cause: error })
}

function without(files: Files, ...paths: readonly string[]): Files {
  return new Map([...files].filter(([path]) => !paths.includes(path)))
}

function withText(files: Files, path: string, text: string): Files {
  return new Map([...files, [path, new TextEncoder().encode(text)]])
}

const LENGTHS: readonly FolderHabits['length'][] = [undefined, 'chunked', 'gzip', 'gzip-chunked']

describe.each([BERT, SHARDED, 'distilbert-dense-tanh', 'static-embedding'])('the progress of %s', (name) => {
  const { files, bytes } = fixture(name)

  it.each(LENGTHS)('moves by what is known where lengths are told so: %s', async (length) => {
    const { events } = await loadFrom(files, { length })
    expect(progressFaults({ outcome: 'failed', value: undefined, events, late: [] })).toEqual([])
    // The first file is modules.json, of some hundred bytes: nothing of the whole.
    expect(events[0]).toEqual({ phase: 'download', fraction: 0, loadedBytes: 0 })
    expect(events.filter(({ totalBytes }) => totalBytes === undefined).every(({ fraction }) => fraction === 0)).toBe(
      true,
    )
    expect(events.at(-1)).toEqual({ phase: 'download', fraction: 0.8, loadedBytes: bytes, totalBytes: bytes })
  })
})

describe('downloadBytes()', () => {
  const ONE_BY_ONE: readonly FolderHabits[] = [
    {},
    { head: 405 },
    { head: 403 },
    { head: 501 },
    { length: 'gzip' },
    { length: 'gzip-chunked' },
    { absent: 403 },
    { absent: 'page' },
  ]

  it.each([BERT, SHARDED, 'distilbert-dense-tanh', 'static-embedding'])(
    'tells what a load will tell, and downloads no weights: %s',
    async (name) => {
      const { files, bytes } = fixture(name)
      for (const habits of ONE_BY_ONE) {
        server = await startFolderServer(files, habits)
        const location = { kind: 'url', name: 'm', baseUrl: server.url } as const
        expect(await downloadBytes(location, { onnx: undefined }), JSON.stringify(habits)).toBe(bytes)
        const whole = server.requests.filter((request) => /^GET \S+\.(safetensors|onnx)$/.test(request))
        expect(whole).toEqual([])
        await server.close()
      }
    },
  )

  it('tells nothing where a length is not told, and where there is nothing', async () => {
    const { files } = fixture(BERT)
    for (const [served, habits] of [
      [files, { length: 'chunked' }],
      [without(files, 'model.safetensors'), {}],
      [without(files, 'tokenizer.json'), {}],
    ] as const) {
      server = await startFolderServer(served, habits)
      const location = { kind: 'url', name: 'm', baseUrl: server.url } as const
      expect(await downloadBytes(location, { onnx: undefined })).toBeUndefined()
      await server.close()
    }
  })

  it('chooses the ONNX file that a load would take, with what lies outside of it', async () => {
    const bytes = (length: number): Uint8Array => new Uint8Array(length)
    const config = (text: string): [string, Uint8Array] => ['config.json', new TextEncoder().encode(text)]
    const onnx = { dtype: 'auto', device: 'wasm' } as const
    server = await startFolderServer(
      new Map([
        config('{"transformers.js_config":{"use_external_data_format":{"model.onnx":2}}}'),
        ['tokenizer.json', bytes(7)],
        ['onnx/model.onnx', bytes(100)],
        ['onnx/model.onnx_data', bytes(2000)],
        ['onnx/model.onnx_data_1', bytes(30_000)],
      ]),
    )
    const location = { kind: 'url', name: 'm', baseUrl: server.url } as const
    expect(await downloadBytes(location, { onnx })).toBe(32_107)
    expect(await downloadBytes(location, { onnx: { ...onnx, dtype: 'q4' } })).toBeUndefined()
  })
})

describe('the progress of an ONNX folder', () => {
  it('counts graph and tokenizer, which are read side by side', async () => {
    const bytes = (length: number): Uint8Array => new Uint8Array(length)
    server = await startFolderServer(
      new Map([
        [
          'config.json',
          new TextEncoder().encode('{"n_positions":9,"transformers.js_config":{"use_external_data_format":true}}'),
        ],
        ['tokenizer.json', new TextEncoder().encode('{}')],
        ['onnx/model.onnx', bytes(100)],
        ['onnx/model.onnx_data', bytes(200_000)],
      ]),
    )
    const seen: DownloadTotals[] = []
    const location = { kind: 'url', name: 'm', baseUrl: server.url } as const
    const folder = new ModelFolder(location, new DownloadProgress((totals) => seen.push(totals)))
    await Promise.all([
      readOnnxFile(folder, '', 'auto', 'wasm'),
      readOnnxFolder(folder, { kind: 'Transformer', path: '' }),
    ])
    expect(new Set(seen.map(({ totalBytes }) => totalBytes))).toEqual(new Set([undefined, 200_102]))
    expect(seen.at(-1)).toEqual({ loadedBytes: 200_102, totalBytes: 200_102 })
  })
})

const OPTIONAL = [
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  'tokenizer_config.json',
]

describe('a file that may be absent', () => {
  it.each<NonNullable<FolderHabits['absent']>>([403, 400, 404, 410, 'page', 'page-as-file'])(
    'is absent where the server answers so for it: %s',
    async (absent) => {
      const { files } = fixture(SHARDED)
      const { model } = await loadFrom(files, { absent })
      expect([...model.weightFiles.keys()]).toEqual(
        [...files.keys()].filter((path) => path.endsWith('.safetensors')).sort(),
      )
      await server?.close()
      const bert = fixture(BERT).files
      for (const path of OPTIONAL) {
        const [expected, found] = [await loadFrom(without(bert, path)), await loadFrom(without(bert, path), { absent })]
        expect(found.model.settings, path).toEqual(expected.model.settings)
        expect(found.model.spaceId, path).toBe(expected.model.spaceId)
      }
    },
  )

  it('is asked for once', async () => {
    await loadFrom(without(fixture(BERT).files, ...OPTIONAL), { absent: 403 })
    expect(new Set(server?.requests).size).toBe(server?.requests.length)
  })

  it('is no excuse where nothing of the folder may be read', async () => {
    const { files } = fixture(BERT)
    for (const all of [401, 403]) expect((await failureOf(files, { all })).code).toBe('model-unauthorized')
    expect((await failureOf(files, { all: 400 })).code).toBe('model-fetch-failed')
    expect((await failureOf(files, { all: 401 })).details['status']).toBe(401)
  })

  it('is not absent where the server refuses it by 401', async () => {
    expect((await failureOf(without(fixture(BERT).files, 'sentence_bert_config.json'), { absent: 401 })).code).toBe(
      'model-unauthorized',
    )
  })
})

describe('a file that must be there', () => {
  const { files } = fixture(BERT)

  it.each(['config.json', 'tokenizer.json', '1_Pooling/config.json'])('is refused as it was: %s', async (path) => {
    expect((await failureOf(without(files, path), { absent: 403 })).code).toBe('model-unauthorized')
    expect((await failureOf(without(files, path), { absent: 404 })).code).toBe('model-not-found')
    for (const absent of ['page', 'page-as-file'] as const) {
      const error = await failureOf(without(files, path), { absent })
      expect(error).toMatchObject({ code: 'model-not-found', details: { path } })
      expect(error.message).toMatch(/the server answered with an HTML page\nCheck the URL/)
      expect(error.message).toContain(`Cannot load ${path} from ${server?.url ?? ''}${path} as `)
    }
  })

  it('is weights, of which nobody can tell whether they are there', async () => {
    const error = await failureOf(without(files, 'model.safetensors'), { absent: 403 })
    expect(error).toMatchObject({ code: 'weights-missing', details: { status: 403 } })
    expect(error.message).toMatch(
      /model\.safetensors from http:\S+ as the server answered with status 403 for it and for model\.safetensors\.index\.json\n.*allow that they are read/,
    )
    // This server tells absent files from refused ones.
    const refused = await failureOf(files, { refused: ['model.safetensors'] })
    expect(refused).toMatchObject({ code: 'model-unauthorized', details: { path: 'model.safetensors', status: 403 } })
  })
})

describe('an error', () => {
  const { files } = fixture(BERT)

  it.each<[string, Files, FolderHabits, string]>([
    ['a status', without(files, 'config.json'), {}, 'config.json'],
    ['a server error', files, { all: 500 }, 'modules.json'],
    ['what is no JSON', withText(files, 'config.json', '{"model_type": '), {}, 'config.json'],
    ['a value', withText(files, '1_Pooling/config.json', '[]'), {}, '1_Pooling/config.json'],
    ['a file that is too short', withText(files, 'model.safetensors', '12345'), {}, 'model.safetensors'],
    ['an empty file', withText(files, 'tokenizer.json', ''), {}, 'tokenizer.json'],
    ['a list of nothing', withText(files, 'modules.json', '[]'), {}, 'modules.json'],
    ['an XML file', withText(files, 'tokenizer.json', '<?xml version="1.0"?><Error/>'), {}, 'tokenizer.json'],
  ])('names the URL: %s', async (_, served, habits, path) => {
    const error = await failureOf(served, habits)
    const url = `${server?.url ?? ''}${path}`
    expect(error.message.split('\n')[0]).toContain(url)
    expect(error.details).toMatchObject({ path, url })
  })

  it('names the URL where nobody answers', async () => {
    server = await startFolderServer(files)
    const { url } = server
    await server.close()
    const location = { kind: 'url', name: 'm', baseUrl: `${url}?signature=secret` } as const
    const cache = { weights: 'off', onQuota: 'memory', embeddings: undefined } as const
    const progress = new LoadProgress(() => undefined)
    const error: unknown = await withModelFiles(
      { request: { model: location, cache } as LoadRequest, progress },
      async ({ folder }) => ({ model: await readModel(folder) }),
    ).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'model-fetch-failed', details: { url: `${url}modules.json` } })
    expect(String(error)).toContain(`Cannot load modules.json from ${url}modules.json as the request failed`)
    expect(String(error) + JSON.stringify(error)).not.toContain('secret')
  })
})
