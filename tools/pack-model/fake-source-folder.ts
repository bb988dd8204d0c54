import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** One tensor of a source, as a test describes it. */
export interface FakeTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

const DIM = 4

/**
 * Makes a float32 tensor of fixed pseudo-random weights in -1 to 1.
 *
 * @param seed - Equal seeds give equal weights.
 */
export function fakeWeights(seed: number, shape: readonly number[]): FakeTensor {
  const count = shape.reduce((product, length) => product * length, 1)
  let state = seed
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  })
  return { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) }
}

/**
 * Writes safetensors in the order given and without padding, as old exports did: the data need not be aligned.
 *
 * Intentionally independent of the packer's own writer, which the tests check.
 *
 * @param tensors - Tensors by name.
 * @returns The file.
 */
export function fakeSafetensors(tensors: Readonly<Record<string, FakeTensor>>): Uint8Array {
  let end = 0
  const entries = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => {
    const start = end
    end += bytes.byteLength
    return [name, { dtype, shape, data_offsets: [start, end] }]
  })
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(header.byteLength))
  return Buffer.concat([prefix, header, ...Object.values(tensors).map(({ bytes }) => bytes)])
}

/** Weights of a tiny BERT with every kind of tensor that the packer treats apart. */
export const FAKE_ENCODER: Readonly<Record<string, FakeTensor>> = {
  'embeddings.position_ids': { dtype: 'I64', shape: [1, 2], bytes: new Uint8Array(16) },
  'embeddings.word_embeddings.weight': fakeWeights(1, [5, DIM]),
  'embeddings.position_embeddings.weight': fakeWeights(2, [2, DIM]),
  'embeddings.token_type_embeddings.weight': fakeWeights(3, [2, DIM]),
  'embeddings.LayerNorm.weight': fakeWeights(4, [DIM]),
  'encoder.layer.0.intermediate.dense.weight': fakeWeights(5, [6, DIM]),
  'encoder.layer.0.intermediate.dense.bias': fakeWeights(6, [6]),
  'pooler.dense.weight': fakeWeights(7, [DIM, DIM]),
}

/** The golden file of the tiny source, with one field that the package must not get. */
export const FAKE_GOLDEN = {
  about: 'fake',
  madeWith: { dtype: 'float32' },
  maxSeqLength: 2,
  dimension: DIM,
  similarityFunction: 'cosine',
  encoding: 'base64',
  texts: ['It is well.'],
  tokenIds: [[1, 2]],
  embeddings: Buffer.alloc(DIM * 4).toString('base64'),
  normalized: 'AAAA',
}

/**
 * Writes a tiny sentence-transformers folder.
 *
 * @param replaced - Files that differ from the usual ones, or that are added.
 */
export async function writeFakeSource(
  folder: string,
  replaced: Readonly<Record<string, Uint8Array | string>> = {},
): Promise<void> {
  const config = '{ "hidden_size": 4 }'
  const files = {
    'README.md': 'The card of the source.',
    'model.safetensors': fakeSafetensors(FAKE_ENCODER),
    '2_Dense/model.safetensors': fakeSafetensors({ 'linear.weight': fakeWeights(8, [DIM, DIM]) }),
    'golden.json': JSON.stringify(FAKE_GOLDEN),
    'tokenizer.json': JSON.stringify({ vocab: 'x'.repeat(5000) }),
    '1_Pooling/config.json': config,
    '2_Dense/config.json': config,
    'config.json': config,
    'config_sentence_transformers.json': config,
    'modules.json': '[]',
    'sentence_bert_config.json': config,
    'special_tokens_map.json': config,
    'tokenizer_config.json': '{ "sep": "’\\u2028" }',
    ...replaced,
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}
