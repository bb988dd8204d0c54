import { readFileSync } from 'node:fs'
import { fixturePath, listFixtureFiles } from '@nestling/testing/disk'
import { readTensors, writeTensors, type TestTensor } from '@nestling/testing/safetensors'
import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../wire/embedder-error.js'
import { DownloadProgress } from './download/download-progress.js'
import { ModelFolder } from './model-folder.js'
import { readModel } from './read-model.js'

const BERT = 'bert-mean-normalize'
const FILES = new Map<string, Uint8Array<ArrayBuffer>>(
  listFixtureFiles(BERT).map(({ path }) => [path, new Uint8Array(readFileSync(fixturePath(BERT, path)))]),
)
const bytesOf = (path: string): Uint8Array<ArrayBuffer> => FILES.get(path) ?? new Uint8Array()
const WEIGHTS = bytesOf('model.safetensors')
const WORDS = 'embeddings.word_embeddings.weight'

/** A JSON file of the fixture with some values changed. */
function changed(path: string, values: object): string {
  return JSON.stringify({ ...(JSON.parse(new TextDecoder().decode(bytesOf(path))) as object), ...values })
}

/** The weights with one tensor changed, or taken away. */
function withTensor(name: string, change: (tensor: TestTensor) => TestTensor | undefined): Uint8Array<ArrayBuffer> {
  const entries = [...readTensors(WEIGHTS)].flatMap(([key, tensor]): [string, TestTensor][] => {
    const replaced = key === name ? change(tensor) : tensor
    return replaced === undefined ? [] : [[key, replaced]]
  })
  return writeTensors(new Map(entries))
}

/** The weights with a header that claims another length. */
function claiming(headerBytes: bigint): Uint8Array<ArrayBuffer> {
  const copy = WEIGHTS.slice()
  new DataView(copy.buffer).setBigUint64(0, headerBytes, true)
  return copy
}

const modules = (...entries: object[]): string =>
  JSON.stringify([{ type: 'sentence_transformers.models.Transformer', path: '' }, ...entries])

/** A path that would leave the folder, wherever it is resolved. */
const ESCAPES = [
  '..',
  '../..',
  '/etc',
  'a/../../b',
  '.',
  'a/./b',
  '..\\..',
  'https://x.test',
  '//x.test',
  '%2e%2e',
  'a//b',
  'a\0b',
]

type Content = Uint8Array<ArrayBuffer> | string

const BROKEN: readonly [string, Record<string, Content>, string, RegExp][] = [
  ['weights cut in the middle', { 'model.safetensors': WEIGHTS.slice(0, 100_000) }, 'model-invalid', /lies at/],
  ['weights cut in the header', { 'model.safetensors': WEIGHTS.slice(0, 500) }, 'model-invalid', /claims/],
  ['weights cut in the length', { 'model.safetensors': WEIGHTS.slice(0, 5) }, 'model-invalid', /has 5 bytes/],
  ['no bytes of weights', { 'model.safetensors': new Uint8Array() }, 'model-invalid', /has 0 bytes/],
  ['a header of 4 GB', { 'model.safetensors': claiming(4_294_967_296n) }, 'model-invalid', /claims 4294967296/],
  [
    'a header of 2^64 bytes',
    { 'model.safetensors': claiming(2n ** 64n - 1n) },
    'model-invalid',
    /claims 18446744073709551615/,
  ],
  ['a header of no bytes', { 'model.safetensors': claiming(0n) }, 'model-invalid', /not JSON/],
  ['more bytes than tensors', { 'model.safetensors': new Uint8Array([...WEIGHTS, 0]) }, 'model-invalid', /end at/],
  [
    'a tensor of another shape',
    { 'model.safetensors': withTensor(WORDS, (tensor) => ({ ...tensor, shape: [...tensor.shape].reverse() })) },
    'model-invalid',
    /must have the shape \[1500, 32\]: current shape is \[32, 1500\]/,
  ],
  [
    'a missing tensor',
    { 'model.safetensors': withTensor(WORDS, () => undefined) },
    'weights-missing',
    /word_embeddings/,
  ],
  [
    'a missing bias of the last layer',
    { 'model.safetensors': withTensor('encoder.layer.1.output.dense.bias', () => undefined) },
    'weights-missing',
    /encoder\.layer\.1\.output\.dense\.bias/,
  ],
  [
    'integers for weights',
    { 'model.safetensors': withTensor(WORDS, (tensor) => ({ ...tensor, dtype: 'I32' })) },
    'model-unsupported',
    /I32/,
  ],
  ['a config that is cut', { 'config.json': '{"model_type": "be' }, 'model-invalid', /config\.json .* not JSON/],
  ['a tokenizer that is cut', { 'tokenizer.json': '{"model": {"vocab": {"a"' }, 'model-invalid', /tokenizer\.json/],
  ['a config of a million brackets', { 'config.json': '['.repeat(1_000_000) }, 'model-invalid', /not JSON/],
  [
    'a config with itself as its prototype',
    { 'config.json': '{"__proto__":{"model_type":"bert"}}' },
    'model-invalid',
    /model_type/,
  ],
  ...[-1, 0, 0.5, 1e300, '32', [32], {}].map((value): (typeof BROKEN)[number] => [
    `hidden_size ${JSON.stringify(value)}`,
    { 'config.json': changed('config.json', { hidden_size: value }) },
    'model-invalid',
    /hidden_size/,
  ]),
  ...['num_hidden_layers', 'vocab_size', 'max_position_embeddings', 'intermediate_size'].map(
    (key): (typeof BROKEN)[number] => [
      `${key} 2^53`,
      { 'config.json': changed('config.json', { [key]: 2 ** 53 }) },
      'model-invalid',
      new RegExp(key),
    ],
  ),
  [
    'a module chain that goes in circles',
    { 'modules.json': modules({ type: 'x.Pooling', path: '1_Pooling' }, { type: 'x.Transformer', path: '' }) },
    'model-unsupported',
    /order/,
  ],
  [
    'a thousand modules',
    { 'modules.json': modules(...Array.from({ length: 1000 }, () => ({ type: 'x.Normalize', path: '' }))) },
    'model-invalid',
    /1 to 32/,
  ],
  ...ESCAPES.map((path): (typeof BROKEN)[number] => [
    `a module at ${JSON.stringify(path)}`,
    { 'modules.json': modules({ type: 'x.Pooling', path }) },
    'model-invalid',
    /path must stay inside the folder/,
  ]),
]

describe('a broken folder', () => {
  it.each(BROKEN)('gives a typed error in seconds: %s', async (_, changes, code, message) => {
    const blobs = new Map([...FILES, ...Object.entries(changes)].map(([path, content]) => [path, new Blob([content])]))
    const started = performance.now()
    const folder = new ModelFolder({ kind: 'blobs', name: 'broken', blobs }, new DownloadProgress(() => undefined))
    const error: unknown = await readModel(folder).catch((caught: unknown) => caught)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(error).toSatisfy(isEmbedderError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string })
  })
})
