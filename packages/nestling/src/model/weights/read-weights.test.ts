import { readFileSync } from 'node:fs'
import { dataUrl, fixturePath, listFixtureFiles } from '@nestling/testing/disk'
import { readTensors, writeTensors, type TestTensor } from '@nestling/testing/safetensors'
import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { DownloadProgress } from '../download/download-progress.js'
import type { LinearSpec, WeightRef } from '../encoder-spec.js'
import { ModelFolder } from '../model-folder.js'
import { readModel, type Model } from '../read-model.js'

const BERT = 'bert-mean-normalize'
const WHOLE = readFileSync(fixturePath(BERT, 'model.safetensors'))
const TENSORS = [...readTensors(WHOLE)]
const INDEX = 'model.safetensors.index.json'
const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const
const NAMES = Array.from({ length: 257 }, (_, index) => [index, `${index}.safetensors`])
const MANY = JSON.stringify({ weight_map: Object.fromEntries(NAMES) as object })

type Files = Readonly<Record<string, Uint8Array | string>>

/** Reads the fixture with these files in place of its weights. */
function readWith(files: Files): Promise<Model> {
  const kept = listFixtureFiles(BERT).filter(({ path }) => path !== 'model.safetensors')
  const added = Object.entries(files).map(([path, content]) =>
    typeof content === 'string' ? { path, text: content } : { path, url: dataUrl(content) },
  )
  const location = { kind: 'listed', name: 'test', files: [...kept, ...added] } as const
  return readModel(new ModelFolder(location, new DownloadProgress(() => undefined)))
}

/** The weights in two shards: every other tensor. */
function shards(more: readonly [string, TestTensor][] = []): Record<string, Uint8Array | string> {
  const parts = [0, 1].map((part) => TENSORS.filter((_, index) => index % 2 === part))
  const map = parts.flatMap((part, index) => part.map(([name]) => [name, SHARDS[index]]))
  return {
    [INDEX]: JSON.stringify({ metadata: { total_size: 1 }, weight_map: Object.fromEntries(map) as object }),
    [SHARDS[0]]: writeTensors(new Map(parts[0])),
    [SHARDS[1]]: writeTensors(new Map([...(parts[1] ?? []), ...more])),
  }
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((caught: unknown) => caught)
  return isEmbedderError(error) ? `${error.code}: ${error.message}` : String(error)
}

describe('readWeights()', () => {
  it('reads shards as one file', async () => {
    const [whole, sharded] = await Promise.all([readWith({ 'model.safetensors': WHOLE }), readWith(shards())])
    expect([...sharded.weightFiles.keys()]).toEqual(SHARDS)
    const bytesOf = (model: Model, { file, offset, byteLength }: WeightRef): Uint8Array =>
      model.weightFiles.get(file)?.subarray(offset, offset + byteLength) ?? new Uint8Array()
    const linears = ({ spec }: Model): LinearSpec[] => spec.layers.map(({ attention }) => attention.query)
    const files = new Set<string>()
    for (const [index, { weight, bias }] of linears(sharded).entries()) {
      const expected = linears(whole)[index]
      expect(Buffer.compare(bytesOf(sharded, weight), bytesOf(whole, expected?.weight ?? weight))).toBe(0)
      expect(expected?.weight.file).toBe('model.safetensors')
      for (const { file } of [weight, bias ?? weight]) files.add(file)
    }
    expect([...files].sort()).toEqual(SHARDS)
  })

  it.each<[string, Files, RegExp]>([
    [
      'ONNX files alone',
      { 'onnx/model.onnx': 'graph' },
      /^weights-missing: .* in onnx\/model\.onnx alone\n.* engine: 'transformers' of nestling\/onnx/,
    ],
    ['no weights', {}, /^model-not-found: .* neither it nor model\.safetensors\.index\.json/],
    ['an index without weight_map', { [INDEX]: '{}' }, /^model-invalid: .* 1 to 256 files: current count is 0/],
    ['an index that is no JSON', { [INDEX]: '<html>' }, /^model-invalid: .* not JSON/],
    ['an index of too many files', { [INDEX]: MANY }, /^model-invalid: .* current count is 257/],
    ['an index that is a list', { [INDEX]: '{"weight_map":["a.safetensors"]}' }, /^model-invalid: .* count is 0/],
    ['a shard outside', { [INDEX]: '{"weight_map":{"a":"../b.safetensors"}}' }, /^model-invalid: .* "\.\.\/b/],
    ['a shard elsewhere', { [INDEX]: '{"weight_map":{"a":"https://x.test/b.safetensors"}}' }, /^model-invalid/],
    ['a shard that is a pickle', { [INDEX]: '{"weight_map":{"a":"b.bin"}}' }, /^model-invalid: .* "b\.bin"/],
    ['a shard that is a number', { [INDEX]: '{"weight_map":{"a":7}}' }, /^model-invalid: .* 7/],
    ['an empty shard', { ...shards(), [SHARDS[1]]: '' }, /^model-invalid: .*00002-of-00002\.safetensors .* 0 bytes/],
    ['a tensor in two shards', shards(TENSORS.slice(0, 1)), /^model-invalid: .* is in .*00001.* and in .*00002/],
    [
      'a shard without its tensors',
      { ...shards(), [SHARDS[1]]: writeTensors(new Map()) },
      /^weights-missing: Cannot load model\.safetensors\.index\.json/,
    ],
  ])('refuses %s', async (_, files, message) => {
    expect(await failure(readWith(files))).toMatch(message)
  })

  it('refuses an index whose shard is not there', async () => {
    const files = shards()
    expect(await failure(readWith({ [INDEX]: files[INDEX] ?? '', [SHARDS[1]]: files[SHARDS[1]] ?? '' }))).toMatch(
      /^model-not-found: .*00001-of-00002/,
    )
  })
})
