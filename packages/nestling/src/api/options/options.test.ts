import { withInternal } from '@nestling/testing/internal-options'
import { describe, expect, it, vi } from 'vitest'
import { Matrix } from '../../math/matrix.js'
import { resolveChunkOptions, type ChunkOptions } from '../chunk.js'
import { checkTexts } from './check-texts.js'
import { resolveEncodeOptions, withTaskPrompt, type EncodeDefaults, type EncodeOptions } from './encode-options.js'
import { resolveLoadOptions, type LoadOptions } from './load-options.js'

const DEFAULTS: EncodeDefaults = {
  truncateDim: 64,
  prompts: { query: 'query: ', passage: 'passage: ' },
  defaultPromptName: null,
  priority: 'background',
  cache: true,
}

class FakeWorker extends EventTarget {}

vi.stubGlobal('location', { href: 'https://site.test/app/' })

describe('resolveEncodeOptions()', () => {
  it('fills in defaults', () => {
    expect(resolveEncodeOptions({}, DEFAULTS)).toMatchObject({
      truncateDim: 64,
      normalize: false,
      precision: 'float32',
      ranges: undefined,
      prompt: '',
      batchSize: 32,
    })
    expect(resolveEncodeOptions({ truncateDim: 7 }, DEFAULTS).truncateDim).toBe(7)
  })

  it('takes every precision, and ranges as a matrix or a clone of one', () => {
    const ranges = new Matrix(Float32Array.of(-1, 1), [2, 1])
    for (const precision of ['float32', 'int8', 'uint8', 'binary', 'ubinary'] as const) {
      expect(resolveEncodeOptions({ precision, ranges }, DEFAULTS)).toMatchObject({ precision, ranges })
    }
    const clone = structuredClone(ranges)
    expect(resolveEncodeOptions({ precision: 'int8', ranges: clone }, DEFAULTS).ranges).toBe(clone)
  })

  it('resolves prompts as Python does', () => {
    const prompt = (options: EncodeOptions, defaults = DEFAULTS): string =>
      resolveEncodeOptions(options, defaults).prompt
    expect(prompt({ promptName: 'query' })).toBe('query: ')
    expect(prompt({ promptName: 'query', prompt: 'own: ' })).toBe('own: ')
    expect(prompt({}, { ...DEFAULTS, defaultPromptName: 'passage' })).toBe('passage: ')
    expect(prompt({ prompt: '' }, { ...DEFAULTS, defaultPromptName: 'passage' })).toBe('')
    expect(() => prompt({ promptName: 'toString' })).toThrow(/it has query, passage\): current value is "toString"/)
  })

  it('takes kept embeddings where there are some, and refuses to where there are none', () => {
    expect(resolveEncodeOptions({}, DEFAULTS).cache).toBe(true)
    expect(resolveEncodeOptions({ cache: false }, DEFAULTS).cache).toBe(false)
    const none = { ...DEFAULTS, cache: false }
    expect(resolveEncodeOptions({}, none).cache).toBe(false)
    expect(resolveEncodeOptions({ cache: false }, none).cache).toBe(false)
    expect(() => resolveEncodeOptions({ cache: true }, none)).toThrow(TypeError)
    expect(() => resolveEncodeOptions({ cache: true }, none)).toThrow(/Load the model with cache: { embeddings: true }/)
  })

  it.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ['an unknown option', { normalise: true }, TypeError, /normalise is not an option: .*normalize/],
    ['options that are no object', 'fast', TypeError, /options must be an object: current value is "fast"/],
    ['options that are null', null, TypeError, /must be an object/],
    ['a dim of 0', { truncateDim: 0 }, RangeError, /truncateDim .* current value is 0/],
    ['a fractional dim', { truncateDim: 1.5 }, RangeError, /1\.5/],
    ['a dim that is NaN', { truncateDim: NaN }, RangeError, /NaN/],
    ['a dim that is a text', { truncateDim: '64' }, TypeError, /"64"/],
    ['a batch size below 1', { batchSize: -3 }, RangeError, /batchSize .* -3/],
    ['a normalize that is no boolean', { normalize: 'yes' }, TypeError, /true or false: current value is "yes"/],
    [
      'an unknown precision',
      { precision: 'int4' },
      TypeError,
      /precision must be one of float32, int8, uint8, binary, ubinary: current value is "int4"/,
    ],
    ['ranges that are no matrix', { ranges: [0, 1] }, TypeError, /ranges must be a float32 Matrix/],
    ['a prompt that is no text', { prompt: 5 }, TypeError, /prompt must be a string/],
    ['a signal that is none', { signal: {} }, TypeError, /AbortSignal/],
    ['a cache that is no boolean', { cache: 1 }, TypeError, /cache must be true or false: current value is 1/],
    ['a listener that is none', { onProgress: 1 }, TypeError, /onProgress must be a function/],
  ])('refuses %s', (_, options, type, message) => {
    const resolve = (): unknown => resolveEncodeOptions(options as EncodeOptions, DEFAULTS)
    expect(resolve).toThrow(type)
    expect(resolve).toThrow(message)
  })
})

describe('resolveChunkOptions()', () => {
  const MODEL = { ...DEFAULTS, maxSeqLength: 256 }

  it('fills in defaults', () => {
    const options = { maxTokens: 256, overlapTokens: 0, prompt: '', signal: undefined }
    expect(resolveChunkOptions({}, MODEL)).toEqual(options)
    expect(resolveChunkOptions({ overlapTokens: 0 }, { ...MODEL, maxSeqLength: Infinity })).toEqual({
      ...options,
      maxTokens: Infinity,
    })
    expect(resolveChunkOptions({ maxTokens: 64, overlapTokens: 8, promptName: 'query' }, MODEL)).toEqual({
      ...options,
      maxTokens: 64,
      overlapTokens: 8,
      prompt: 'query: ',
    })
  })

  it.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ['an unknown option', { maxToken: 8 }, TypeError, /chunk as maxToken is not an option: .*maxTokens/],
    ['more tokens than the model reads', { maxTokens: 257 }, RangeError, /at most the 256 .*: current value is 257/],
    ['no tokens', { maxTokens: 0 }, RangeError, /maxTokens must be a positive integer: current value is 0/],
    ['an overlap below 0', { overlapTokens: -1 }, RangeError, /overlapTokens .*: current value is -1/],
    ['an overlap that is a text', { overlapTokens: '8' }, TypeError, /overlapTokens .*: current value is "8"/],
    ['a prompt that is no text', { prompt: 5 }, TypeError, /prompt must be a string/],
    ['a signal that is none', { signal: {} }, TypeError, /AbortSignal/],
  ])('refuses %s', (_, options, type, message) => {
    const resolve = (): unknown => resolveChunkOptions(options as ChunkOptions, MODEL)
    expect(resolve).toThrow(type)
    expect(resolve).toThrow(message)
  })
})

describe('withTaskPrompt()', () => {
  it('takes the first prompt that the model has, unless the caller names one', () => {
    const names = ['document', 'passage', 'corpus']
    expect(withTaskPrompt({}, names, DEFAULTS.prompts)).toEqual({ promptName: 'passage' })
    expect(withTaskPrompt({ prompt: '' }, names, DEFAULTS.prompts)).toEqual({ prompt: '' })
    expect(withTaskPrompt({}, ['corpus'], DEFAULTS.prompts)).toEqual({})
  })
})

describe('resolveLoadOptions()', () => {
  it('names all options that are documented in its errors, and none that only tests have', () => {
    const message = /dims is not an option: the options are device, engine, dtype, truncateDim, .*, onWarning, signal$/
    expect(() => resolveLoadOptions({ dims: 64 } as LoadOptions)).toThrow(message)
    expect(() => resolveLoadOptions({ dims: 64 } as LoadOptions)).not.toThrow(/limits|runtime/)
    expect(resolveLoadOptions(withInternal({}, { limits: { runMs: 7 } })).limits.runMs).toBe(7)
    expect(() => resolveLoadOptions({ limits: { runMs: 7 } } as LoadOptions)).toThrow('limits is not an option')
  })

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 31])(
    'refuses the idle time %s, which timers cannot count',
    (idleTimeoutMs) => {
      expect(() => resolveLoadOptions({ idleTimeoutMs })).toThrow(RangeError)
    },
  )

  it('takes a number of workers, and one where a single worker is given', () => {
    expect(resolveLoadOptions({}).workers).toBe('auto')
    expect(resolveLoadOptions({ workers: 'auto' }).workers).toBe('auto')
    expect(resolveLoadOptions({ workers: 3, worker: () => undefined as never }).workers).toBe(3)
    vi.stubGlobal('Worker', FakeWorker)
    expect(resolveLoadOptions({ workers: 3, worker: new FakeWorker() as unknown as Worker }).workers).toBe(1)
    expect(() => resolveLoadOptions({ workers: 0 })).toThrow(/workers must be a positive integer: current value is 0/)
    expect(() => resolveLoadOptions({ workers: 'all' as never })).toThrow(TypeError)
  })

  it('fills in defaults and makes URLs absolute', () => {
    expect(resolveLoadOptions({})).toMatchObject({
      device: 'auto',
      engine: 'auto',
      dtype: 'auto',
      verify: 'auto',
      assetBaseUrl: undefined,
    })
    expect(resolveLoadOptions({ assetBaseUrl: 'assets' }).assetBaseUrl).toBe('https://site.test/app/assets/')
    expect(resolveLoadOptions({ workerUrl: '/w.js' }).workerUrl).toBe('https://site.test/w.js')
  })

  it('takes every dtype on the engine transformers, and fp32 on any', () => {
    for (const dtype of ['auto', 'fp32', 'fp16', 'q8', 'q4'] as const) {
      expect(resolveLoadOptions({ engine: 'transformers', dtype })).toMatchObject({ engine: 'transformers', dtype })
    }
    expect(resolveLoadOptions({ engine: 'onnx', dtype: 'fp32' }).dtype).toBe('fp32')
    expect(resolveLoadOptions({ engine: 'onnx', dtype: 'fp16' }).dtype).toBe('fp16')
    expect(resolveLoadOptions({ engine: 'kernels', dtype: 'q8' }).dtype).toBe('q8')
    expect(resolveLoadOptions({ dtype: 'q8' }).dtype).toBe('q8')
  })

  it('takes our kernels on either device, and what they compute with there', () => {
    for (const dtype of ['auto', 'fp32', 'fp16', 'q8'] as const) {
      const options = { engine: 'kernels', device: 'webgpu', dtype } as const
      expect(resolveLoadOptions(options)).toMatchObject(options)
      expect(resolveLoadOptions({ device: 'webgpu', dtype })).toMatchObject({ engine: 'auto', device: 'webgpu', dtype })
    }
  })

  it.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ['an unknown option', { devices: 'wasm' }, TypeError, /devices is not an option/],
    [
      'an unknown device',
      { device: 'gpu' },
      TypeError,
      /device must be one of auto, webgpu, wasm: current value is "gpu"/,
    ],
    ['an unknown engine', { engine: 'wasm' }, TypeError, /engine must be one of auto, onnx, kernels, transformers/],
    [
      'an unknown dtype',
      { engine: 'transformers', dtype: 'int8' },
      TypeError,
      /dtype must be one of auto, fp32, fp16, q8, q4/,
    ],
    [
      'a dtype of another engine',
      { dtype: 'q8', engine: 'onnx' },
      TypeError,
      /auto, fp32, fp16 on the engine onnx: current value is "q8"\nLoad it with engine: 'transformers' of nestling\/onnx/,
    ],
    ['q4 on our kernels', { dtype: 'q4', engine: 'kernels' }, TypeError, /auto, fp32, fp16, q8 on the engine kernels:/],
    [
      'fp16 on WASM',
      { dtype: 'fp16', device: 'wasm' },
      TypeError,
      /auto, fp32, q8 on the engine auto and the device wasm: current value is "fp16"/,
    ],
    [
      'a verify that is none',
      { verify: true },
      TypeError,
      /verify must be one of auto, full, off: current value is true/,
    ],
    ['nested dims that are no list', { nestedDims: 64 }, TypeError, /list/],
    ['nested dims that are no dims', { nestedDims: [64, 0] }, RangeError, /current value is 0/],
    ['a URL that is none', { assetBaseUrl: 'http://[' }, TypeError, /must be a URL/],
    ['a worker that is none', { worker: {} }, TypeError, /a Worker/],
    ['a revision that is no text', { revision: 7 }, TypeError, /revision .* current value is 7/],
    ['an empty revision', { revision: '' }, TypeError, /revision .* ""/],
    ['a revision that steps up', { revision: '..' }, TypeError, /revision .* "\.\."/],
    ['an endpoint that is none', { endpoint: 'http://[' }, TypeError, /endpoint .* "http:\/\/\["/],
    ['an endpoint of another protocol', { endpoint: 'ftp://x.test' }, TypeError, /endpoint must be an http/],
    ['an endpoint with a query', { endpoint: 'https://x.test/?key=secret' }, TypeError, /without user, query/],
    ['an endpoint with a password', { endpoint: 'https://me:secret@x.test' }, TypeError, /without user, query/],
    ['a token that is no text', { token: 7 }, TypeError, /token must be a string/],
    ['a token with a space', { token: 'secret token' }, TypeError, /token must be a string/],
    ['a token of two lines', { token: 'secret\nX-Header: 1' }, TypeError, /token must be a string/],
    ['an empty token', { token: '' }, TypeError, /token must be a string/],
  ])('refuses %s', (_, options, type, message) => {
    const resolve = (): unknown => resolveLoadOptions(options as LoadOptions)
    expect(resolve).toThrow(type)
    expect(resolve).toThrow(message)
    expect(resolve).not.toThrow(/secret/)
  })
})

describe('checkTexts()', () => {
  it('takes a text and a list of texts', () => {
    expect(checkTexts('encode', 'a')).toEqual(['a'])
    expect(checkTexts('encode', [])).toEqual([])
  })

  it.each([[undefined], [null], [5], [{}], [new Set(['a'])]])('refuses %s', (input) => {
    expect(() => checkTexts('encode', input)).toThrow(TypeError)
  })

  it('names the place of what is no text, a hole included', () => {
    expect(() => checkTexts('encode', ['a', 5])).toThrow(/at index 1 is 5/)
    expect(() => checkTexts('encode', ['a', , 'b'])).toThrow(/at index 1 is undefined/)
  })
})
