import 'fake-indexeddb/auto'
import { decodeFloats } from '@nestling/testing'
import { readFixtureJson, readGolden as readPython } from '@nestling/testing/disk'
import { deleteDB } from 'idb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Ladder, Rung } from './device-rungs.js'
import { GoldenEngine } from '../../test/faults/golden-engine.js'
import { DownloadProgress } from '../model/download/download-progress.js'
import { ModelFolder } from '../model/model-folder.js'
import { Tokenizer } from '../tokenize/tokenizer.js'
import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'
import type { DeviceProbe } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import { Certifier } from './certifier.js'
import type { StartedModel } from './running-model.js'
import { walkLadder, type Walked } from './walk-ladder.js'

// Node 20 has none.
vi.stubGlobal('navigator', { userAgent: 'test' })

const MODEL = 'bert-mean-normalize'
const golden = readPython(MODEL)
const { tokenIds, dimension: dim } = golden
const vectors = decodeFloats(golden.embeddings)
const tokenizer = new Tokenizer(readFixtureJson(MODEL, 'tokenizer.json'), {}, { maxLength: 64, doLowerCase: false })

const URLS = {
  engine: 'https://x.test/e.js',
  library: 'https://x.test/l.mjs',
  loader: 'https://x.test/m.mjs',
  wasm: 'https://x.test/1.30.0/w.wasm',
}
const REQUEST: LoadRequest = {
  model: {
    kind: 'listed',
    name: 'test',
    files: [{ path: 'golden.json', text: JSON.stringify(golden), sha256: undefined }],
  },
  engine: 'onnx',
  device: 'auto',
  dtype: 'auto',
  runtimes: { wasm: URLS, jspi: URLS },
  kernels: {},
  runtime: undefined,
  verify: 'auto',
  nestedDims: [16],
  cache: { weights: 'off', onQuota: 'error', embeddings: undefined },
}

const PROBE: DeviceProbe = {
  webgpu: {
    isAvailable: true,
    reason: undefined,
    isFallbackAdapter: false,
    hasShaderF16: true,
    vendor: 'v',
    architecture: 'a',
    device: 'd',
    description: 'e',
    limits: { maxBufferSize: 1, maxStorageBufferBindingSize: 1 },
    compute: 'passed',
  },
  wasm: { hasSimd: true, hasRelaxedSimd: true, hasJspi: true },
  hardwareConcurrency: 4,
  isCrossOriginIsolated: false,
  memoryTier: 'high',
}

const GPU: Rung = {
  device: 'webgpu',
  engine: 'onnx',
  runtime: 'jspi',
  dtype: 'fp32',
  reason: 'a GPU is here',
  isFallbackAdapter: false,
}
const CPU: Rung = {
  device: 'wasm',
  engine: 'onnx',
  runtime: 'wasm',
  dtype: 'fp32',
  reason: 'wasm, the next device',
  isFallbackAdapter: false,
}
const BOTH: Ladder = { rungs: [GPU, CPU], warnings: [] }

const elsewhere = (vector: Float32Array): void => {
  vector.reverse()
}

function modelOn(engine: GoldenEngine): StartedModel {
  return {
    engine,
    tokenizer,
    spec: { pooling: { modes: ['mean'], includePrompt: true }, tail: [], dim },
    settings: {
      maxSeqLength: 64,
      doLowerCase: false,
      addSpecialTokens: true,
      similarityFunction: 'cosine',
      prompts: {},
      defaultPromptName: null,
      truncateDim: undefined,
    },
    spaceId: 'space',
    reasons: [],
  }
}

interface WalkResult extends Walked {
  /** Devices that an engine was made on, in order. */
  readonly started: readonly string[]
  readonly engines: readonly GoldenEngine[]
  /** How products were to be cut. */
  readonly tiles: readonly (string | undefined)[]
}

interface Walking {
  readonly ladder?: Ladder
  readonly request?: Partial<LoadRequest>
  /** What happens when an engine is made on WebGPU. */
  readonly onGpu?: () => GoldenEngine
  /** What happens when an engine is made on WASM. */
  readonly onCpu?: () => GoldenEngine
  readonly knowsSpace?: boolean
}

async function walk({ ladder = BOTH, request, onGpu, onCpu, knowsSpace = true }: Walking): Promise<WalkResult> {
  const started: string[] = []
  const engines: GoldenEngine[] = []
  const tiles: (string | undefined)[] = []
  const right = (device: Rung['device']): GoldenEngine => new GoldenEngine({ tokenIds, vectors, dim, device })
  const files = [{ path: 'golden.json', text: JSON.stringify(golden), sha256: await digestOf(JSON.stringify(golden)) }]
  const model = { kind: 'listed', name: 'test', files } as const
  const certifier = new Certifier(
    { ...REQUEST, model, ...request },
    {
      startReference: () => Promise.resolve(right('wasm')),
      readFile: (path) => new ModelFolder(model, new DownloadProgress(() => undefined)).readText(path),
    },
  )
  try {
    const walked = await walkLadder({
      ladder,
      probe: PROBE,
      certifier,
      ...(knowsSpace ? { spaceId: 'space' } : {}),
      start: (rung, tile) => {
        started.push(rung.device)
        tiles.push(tile)
        const make = rung.device === 'webgpu' ? onGpu : onCpu
        const engine = make?.() ?? right(rung.device)
        engines.push(engine)
        return Promise.resolve(modelOn(engine))
      },
      onWarmUp: () => undefined,
    })
    return { ...walked, started, engines, tiles }
  } finally {
    certifier.close()
  }
}

async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Buffer.from(bytes).toString('hex')
}

const throwing = (error: unknown) => (): GoldenEngine => {
  throw error as Error
}
const wrong = (): GoldenEngine => new GoldenEngine({ tokenIds, vectors, dim, device: 'webgpu', spoil: elsewhere })

afterEach(async () => {
  await deleteDB('nestling')
})

describe('walkLadder()', () => {
  it('takes the first way that works', async () => {
    const { model, history, started } = await walk({})
    expect(started).toEqual(['webgpu'])
    expect(model.engine.device).toBe('webgpu')
    expect(history).toMatchObject({ reasons: ['a GPU is here'], warnings: [], verification: { verified: true } })
  })

  it.each<[string, unknown]>([
    ['a typed failure of a device', new EmbedderError('device-lost', 'Cannot go on')],
    ['anything else that a driver throws', new DOMException('Instance dropped', 'OperationError')],
  ])('takes the next after %s, and says so', async (_, error) => {
    const { history, started } = await walk({ onGpu: throwing(error) })
    expect(started).toEqual(['webgpu', 'wasm'])
    expect(history.warnings.map(({ kind }) => kind)).toEqual(['device-fallback'])
    expect(history.reasons[1]).toMatch(/^The model runs on WASM as WebGPU failed: (Cannot go on|Instance dropped)/)
  })

  it('ends at once where the model is wrong', async () => {
    const error = new EmbedderError('model-invalid', 'Cannot read it')
    await expect(walk({ onGpu: throwing(error) })).rejects.toBe(error)
  })

  it('gives the failure of the last way', async () => {
    const error = new EmbedderError('run-failed', 'Cannot run')
    await expect(walk({ ladder: { rungs: [GPU], warnings: [] }, onGpu: throwing(error) })).rejects.toBe(error)
  })

  it('leaves wrong vectors, disposes their engine and remembers that', async () => {
    const first = await walk({ onGpu: wrong })
    expect(first.model.engine.device).toBe('wasm')
    expect(first.engines.map(({ isDisposed }) => isDisposed)).toEqual([true, false])
    expect(first.history.warnings.map(({ kind }) => kind)).toEqual(['verification-failed'])
    // Now the engine would be right, and is not even made.
    const second = await walk({})
    expect(second.started).toEqual(['wasm'])
    expect(second.history.verification).toMatchObject({ verified: true, isRemembered: true, durationMs: 0 })
    expect(second.history.warnings[0]?.message).toMatch(/as an earlier load found: the lowest cosine/)
    // With a model that is known only when an engine is there, it is made and left.
    const third = await walk({ knowsSpace: false })
    expect(third.started).toEqual(['webgpu', 'wasm'])
    expect(third.engines[0]?.batches).toEqual([])
    expect(third.engines[0]?.isDisposed).toBe(true)
  })

  it('remembers no failure of the last way', async () => {
    const ladder: Ladder = { rungs: [GPU], warnings: [] }
    const error = await walk({ ladder, onGpu: wrong }).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'verification-failed') && error.details).toMatchObject({
      device: 'webgpu',
      dtype: 'fp32',
      source: 'golden',
    })
    expect((await walk({ ladder })).history.verification).toMatchObject({ verified: true, isRemembered: false })
  })

  it('runs nothing but the warm-up for what an earlier load found right', async () => {
    const first = await walk({})
    const second = await walk({})
    expect(first.engines[0]?.batches.some(({ count }) => count > 1)).toBe(true)
    expect(second.engines[0]?.batches.map(({ seqLength }) => seqLength)).toEqual([8, 40])
    expect(second.history.verification).toMatchObject({
      ...first.history.verification,
      durationMs: 0,
      isRemembered: true,
    })
  })

  it('compares nothing where verify is off', async () => {
    const { history, model } = await walk({ request: { verify: 'off' }, onGpu: wrong })
    expect(model.engine.device).toBe('webgpu')
    expect(history.verification).toMatchObject({ verified: false, source: 'none', texts: 0 })
    expect(await indexedDB.databases()).toEqual([])
  })

  it('trusts WebGPU without known vectors, and says how to change that', async () => {
    const { history } = await walk({ request: { model: { kind: 'url', name: 'm', baseUrl: 'https://x.test/' } } })
    expect(history.verification).toMatchObject({ verified: false, source: 'none' })
    expect(history.verification.reason).toMatch(/no golden vectors: verify: 'full'/)
  })

  describe('with our kernels on both devices', () => {
    const kernels = { engine: 'kernels', dtype: 'auto' } as const
    const onGpu: Rung = { ...GPU, ...kernels, device: 'webgpu', runtime: 'wgsl', dtype: 'auto', isTimed: true }
    const between: Rung = { ...GPU, reason: 'webgpu, the next engine' }
    const onCpu: Rung = { ...CPU, ...kernels, device: 'wasm', runtime: 'simd' }
    const ladder: Ladder = { rungs: [onGpu, between, onCpu], warnings: [] }
    const made = (device: Rung['device'], msPerToken: number) => (): GoldenEngine =>
      new GoldenEngine({ tokenIds, vectors, dim, device, msPerToken, tile: 'tile of the GPU' })
    /** Milliseconds a token: a difference that no busy machine turns round. */
    const SLOW = 2

    it('takes WASM where that is faster, and remembers it without making an engine on the GPU', async () => {
      const options = { ladder, onGpu: made('webgpu', SLOW), onCpu: made('wasm', 0) }
      const first = await walk(options)
      expect(first.started).toEqual(['webgpu', 'wasm'])
      expect(first.engines.map(({ isDisposed }) => isDisposed)).toEqual([true, false])
      expect(first.model.engine.device).toBe('wasm')
      const { speed, reasons, warnings, verification } = first.history
      expect(speed?.isRemembered).toBe(false)
      expect(speed?.webgpuMs).toBeGreaterThan(speed?.wasmMs ?? Infinity)
      expect(reasons[1]).toMatch(
        /^The model runs on WASM as that is faster here: a trial took [\d.]+ ms, on WebGPU [\d.]+ ms$/,
      )
      expect(warnings).toEqual([])
      expect(verification.verified).toBe(true)
      const second = await walk(options)
      expect(second.started).toEqual(['wasm'])
      expect(second.history.speed).toEqual({ ...speed, isRemembered: true })
    })

    it('takes the GPU where that is faster, and times nothing again', async () => {
      const options = { ladder, onGpu: made('webgpu', 0), onCpu: made('wasm', SLOW) }
      const first = await walk(options)
      expect(first.model.engine.device).toBe('webgpu')
      expect(first.engines.map(({ isDisposed }) => isDisposed)).toEqual([false, true])
      const second = await walk(options)
      expect(second.started).toEqual(['webgpu'])
      expect(second.tiles).toEqual(['tile of the GPU'])
      expect(second.history.speed).toEqual({ ...first.history.speed, isRemembered: true })
    })

    it('remembers speed and tiles without known vectors too', async () => {
      const options = {
        ladder,
        request: { verify: 'off' },
        onGpu: made('webgpu', 0),
        onCpu: made('wasm', SLOW),
      } as const
      await walk(options)
      const second = await walk(options)
      expect(second.started).toEqual(['webgpu'])
      expect(second.tiles).toEqual(['tile of the GPU'])
      expect(second.history.verification).toMatchObject({ verified: false, source: 'none', isRemembered: false })
    })

    it('never times a device that was asked for', async () => {
      const asked: Ladder = { rungs: [{ ...onGpu, isTimed: false }], warnings: [] }
      const alone = await walk({ ladder: asked, onGpu: made('webgpu', SLOW) })
      expect(alone.started).toEqual(['webgpu'])
      expect(alone.history.speed).toBeUndefined()
    })

    it('takes a device that was asked for, also where an earlier load found it slower', async () => {
      const options = { onGpu: made('webgpu', SLOW), onCpu: made('wasm', 0) }
      await walk({ ladder, ...options })
      const asked: Ladder = { rungs: [{ ...onGpu, isTimed: false }], warnings: [] }
      const forced = await walk({ ladder: asked, ...options })
      expect(forced.model.engine.device).toBe('webgpu')
      expect(forced.history.speed).toBeUndefined()
      expect(forced.tiles).toEqual(['tile of the GPU'])
      // What was found of its speed is still remembered.
      expect((await walk({ ladder, ...options })).started).toEqual(['wasm'])
    })

    it('times once what an earlier load was asked to take', async () => {
      const options = { onGpu: made('webgpu', 0), onCpu: made('wasm', SLOW) }
      await walk({ ladder: { rungs: [{ ...onGpu, isTimed: false }], warnings: [] }, ...options })
      expect((await walk({ ladder, ...options })).started).toEqual(['webgpu', 'wasm'])
      const third = await walk({ ladder, ...options })
      expect(third.started).toEqual(['webgpu'])
      expect(third.history).toMatchObject({ speed: { isRemembered: true }, verification: { isRemembered: true } })
    })

    it('leaves no engine behind where the GPU is lost while it is timed', async () => {
      const lost = (): GoldenEngine => {
        const engine = made('webgpu', 0)()
        const run = engine.run.bind(engine)
        engine.run = (batch) =>
          batch.count === 8 ? Promise.reject(new EmbedderError('device-lost', 'Cannot go on')) : run(batch)
        return engine
      }
      const left = await walk({ ladder: { rungs: [onGpu, onCpu], warnings: [] }, onGpu: lost })
      expect(left.started).toEqual(['webgpu', 'wasm', 'wasm'])
      expect(left.engines.map(({ isDisposed }) => isDisposed)).toEqual([true, true, false])
      expect(left.history.warnings.map(({ kind }) => kind)).toEqual(['device-fallback'])
    })

    it('takes the GPU where WASM fails in the trial, and remembers no times', async () => {
      const broken = (): GoldenEngine => {
        const engine = made('wasm', 0)()
        engine.run = () => Promise.reject(new EmbedderError('run-failed', 'Cannot run'))
        return engine
      }
      const options = { ladder, onGpu: made('webgpu', 0), onCpu: broken }
      const first = await walk(options)
      expect(first.model.engine.device).toBe('webgpu')
      expect(first.history.speed).toBeUndefined()
      expect(first.engines.map(({ isDisposed }) => isDisposed)).toEqual([false, true])
      expect((await walk({ ...options, onCpu: made('wasm', 0) })).history.speed?.isRemembered).toBe(false)
    })

    it('times no GPU whose vectors are wrong', async () => {
      const left = await walk({ ladder: { rungs: [onGpu, onCpu], warnings: [] }, onGpu: wrong })
      expect(left.model.engine.device).toBe('wasm')
      expect(left.history.speed).toBeUndefined()
    })
  })
})
