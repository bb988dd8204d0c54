import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  FAKE_ENCODER,
  FAKE_GOLDEN,
  fakeSafetensors,
  fakeWeights,
  writeFakeSource,
} from './pack-model/fake-source-folder.js'
import { packFolder } from './pack-model/pack-folder.js'
import { quantiseRows } from './pack-model/quantise-rows.js'

const REPOSITORY = join(import.meta.dirname, '..')
const REAL_SOURCE = join(REPOSITORY, '../shared/models/minilm-l6-nested')
const REAL_PACKAGE = join(REPOSITORY, 'packages/minilm-l6')

let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'pack-model-'))
})
afterEach(() => rm(temporary, { recursive: true, force: true }))

describe('quantiseRows()', () => {
  test('rounds halves to the even neighbour', () => {
    // The greatest magnitude is 127, so the scale is 1 and a weight is its own quotient.
    const row = new Float32Array([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, -127, 0.75])
    const { values, scales } = quantiseRows(row, 1)
    expect([...scales]).toEqual([1])
    expect([...values]).toEqual([127, 0, 2, 2, 0, -2, -2, -127, 1])
  })

  test('gives each row its own scale, and 1 to a row of zeros', () => {
    // Scales 254 / 127 = 2 and 31.75 / 127 = 0.25, exact in float32; 101 / 2 = 50.5 -> 50, -3 / 0.25 = -12, 0.4 / 0.25 = 1.6 -> 2.
    const { values, scales } = quantiseRows(new Float32Array([-254, 101, 1, 0, 0, 0, 31.75, -3, 0.4]), 3)
    expect([...scales]).toEqual([2, 1, 0.25])
    expect([...values]).toEqual([-127, 50, 0, 0, 0, 0, 127, -12, 2])
  })

  test('divides by the scale as float32 keeps it', () => {
    // 130049 / 127 = 1024.00787...; the nearest float32 is 1024 + 65/8192. 129537 over it is 126.499996 -> 126, and over the
    // unrounded scale it would be 126.500004 -> 127.
    const { values, scales } = quantiseRows(new Float32Array([130049, 129537]), 1)
    expect([...scales]).toEqual([1024 + 65 / 8192])
    expect([...values]).toEqual([127, 126])
  })

  test('keeps a row that is too small for a float32 scale within half a step', () => {
    const { values, scales } = quantiseRows(new Float32Array([1e-44, -1e-45]), 1)
    expect([...scales]).toEqual([1])
    expect([...values]).toEqual([0, 0])
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the weight %s', (weight) => {
    expect(() => quantiseRows(new Float32Array([1, weight]), 1)).toThrow(RangeError)
  })
})

describe('packFolder() on a tiny source', () => {
  test('gives the same bytes twice', async () => {
    await writeFakeSource(join(temporary, 'source'))
    const first = await packInto('first')
    expect(await packInto('second')).toEqual(first)
    expect(await packInto('first')).toEqual(first)
    expect(first.size).toBe(13)
  })

  test('packs matrices to int8 and keeps the rest as it is', async () => {
    await writeFakeSource(join(temporary, 'source'))
    const packed = readPacked((await packInto('package')).get('model/model.safetensors'))
    expect(packed.metadata).toEqual({ format: 'pt', quantization: 'int8 per row, NAME_scale float32' })
    expect([...packed.tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape.join('x')}`)).toEqual([
      'embeddings.LayerNorm.weight F32 4',
      'embeddings.position_embeddings.weight F32 2x4',
      'embeddings.token_type_embeddings.weight F32 2x4',
      'embeddings.word_embeddings.weight_scale F32 5x1',
      'encoder.layer.0.intermediate.dense.bias F32 6',
      'encoder.layer.0.intermediate.dense.weight_scale F32 6x1',
      'embeddings.word_embeddings.weight I8 5x4',
      'encoder.layer.0.intermediate.dense.weight I8 6x4',
    ])
    for (const { dtype, offset } of packed.tensors.values()) if (dtype === 'F32') expect(offset % 4).toBe(0)
    expect(packed.dataStart % 8).toBe(0)
    for (const [name, { dtype, bytes }] of packed.tensors) {
      if (dtype === 'F32' && !name.endsWith('_scale')) expect(bytes).toEqual(FAKE_ENCODER[name]?.bytes)
    }
    expectNear(packed, fakeSafetensors(FAKE_ENCODER))
  })

  test('copies configs and cuts the golden file', async () => {
    await writeFakeSource(join(temporary, 'source'))
    const files = await packInto('package')
    for (const path of ['config.json', 'tokenizer.json', 'tokenizer_config.json', '2_Dense/config.json']) {
      expect(files.get(`model/${path}`)).toEqual(new Uint8Array(await readFile(join(temporary, 'source', path))))
    }
    const { normalized, ...kept } = FAKE_GOLDEN
    expect(normalized).toBeDefined()
    expect(JSON.parse(new TextDecoder().decode(files.get('model/golden.json')))).toEqual(kept)
  })

  test.each([
    ['a file it does not know', { '3_Dense/model.safetensors': '' }, /3_Dense/],
    ['broken safetensors', { 'model.safetensors': 'short' }, /safetensors/],
    [
      'weights in half precision',
      { 'model.safetensors': fakeSafetensors({ w: { ...fakeWeights(1, [2]), dtype: 'F16', shape: [4] } }) },
      /F16/,
    ],
    ['a config that is not JSON', { 'config.json': '<html>' }, /config\.json/],
    ['a config with a byte order mark', { 'config.json': '\uFEFF{}' }, /config\.json/],
    ['a config that is not UTF-8', { 'config.json': Uint8Array.of(0x22, 0xff, 0x22) }, /config\.json.*UTF-8/],
    [
      'golden vectors of another count',
      { 'golden.json': JSON.stringify({ ...FAKE_GOLDEN, dimension: 5 }) },
      /embeddings/,
    ],
  ])('refuses %s and writes nothing', async (_, replaced, message) => {
    await writeFakeSource(join(temporary, 'source'), replaced)
    await expect(packInto('package')).rejects.toThrow(message)
    expect(existsSync(join(temporary, 'package'))).toBe(false)
  })

  test('refuses a stray file in the package', async () => {
    await writeFakeSource(join(temporary, 'source'))
    await mkdir(join(temporary, 'package/model'), { recursive: true })
    await writeFile(join(temporary, 'package/model/pytorch_model.bin'), '')
    await expect(packInto('package')).rejects.toThrow(/pytorch_model/)
  })
})

describe('packFolder() on minilm-l6-nested', () => {
  beforeEach(({ skip }) => {
    // Skipped in a clone of the repository alone: the float32 source is not part of it.
    skip(!existsSync(REAL_SOURCE), 'not run: ../shared/models/minilm-l6-nested missing')
  })

  test('gives the committed bytes, each time', { timeout: 60_000 }, async () => {
    const committed = await readFolder(REAL_PACKAGE, (path) => path.startsWith('model/') || path === 'src/manifest.ts')
    for (const name of ['first', 'second']) {
      const packed = await packInto(name, REAL_SOURCE)
      expect([...packed.keys()]).toEqual([...committed.keys()])
      for (const [path, bytes] of packed)
        expect(Buffer.from(bytes).equals(committed.get(path) ?? new Uint8Array()), path).toBe(true)
    }
  })

  test.each(['model.safetensors', '2_Dense/model.safetensors'])(
    'keeps each weight of %s within half a step',
    { timeout: 60_000 },
    async (path) => {
      const packed = readPacked(await readFile(join(REAL_PACKAGE, 'model', path)))
      expectNear(packed, await readFile(join(REAL_SOURCE, path)))
    },
  )
})

async function packInto(name: string, source = join(temporary, 'source')): Promise<Map<string, Uint8Array>> {
  await packFolder(source, join(temporary, name))
  return readFolder(join(temporary, name))
}

async function readFolder(
  folder: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<Map<string, Uint8Array>> {
  const paths = (await readdir(folder, { recursive: true })).map((path) => path.replaceAll('\\', '/'))
  const files = new Map<string, Uint8Array>()
  for (const path of paths.sort()) {
    if (!isWanted(path) || !/\.(?:json|ts|safetensors)$/.test(path)) continue
    files.set(path, new Uint8Array(await readFile(join(folder, path))))
  }
  return files
}

interface ReadTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly bytes: Uint8Array
}

interface ReadFile {
  readonly metadata: unknown
  readonly dataStart: number
  readonly tensors: ReadonlyMap<string, ReadTensor>
}

/** Reads by the format's own words, not with the SDK's reader that the packer uses. */
function readPacked(file: Uint8Array = new Uint8Array()): ReadFile {
  const dataStart = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, dataStart))) as Record<string, Entry>
  const { __metadata__: metadata, ...entries } = header
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [start, end],
      },
    ]): [string, ReadTensor] => {
      const bytes = new Uint8Array(file.subarray(dataStart + start, dataStart + end))
      return [name, { dtype, shape, offset: dataStart + start, bytes }]
    },
  )
  return { metadata, dataStart, tensors: new Map(tensors) }
}

/** One `expect` a matrix: 23 million of them would take minutes. */
function expectNear(packed: ReadFile, sourceFile: Uint8Array): void {
  const source = readPacked(sourceFile)
  for (const [name, { dtype, shape, bytes }] of packed.tensors) {
    if (dtype !== 'I8') continue
    const weights = new Float32Array(source.tensors.get(name)?.bytes.buffer ?? new ArrayBuffer(0))
    const scales = new Float32Array(packed.tensors.get(`${name}_scale`)?.bytes.buffer ?? new ArrayBuffer(0))
    const columnCount = shape[1] ?? 0
    const values = new Int8Array(bytes.buffer)
    let farCount = 0
    for (const [index, value] of values.entries()) {
      const scale = scales[Math.floor(index / columnCount)] ?? Number.NaN
      const isNear = Math.abs((weights[index] ?? Number.NaN) - value * scale) <= scale / 2
      if (!isNear) farCount++
    }
    expect([weights.length, farCount], name).toEqual([values.length, 0])
  }
}
