import { readFileSync } from 'node:fs'
import { fixturePath } from './disk.ts'
import { hubFile, type HubFile, type HubRepo } from './hub-repo.ts'

/** The model that the project started from. */
export const SEED_MODEL_ID = 'mrm8488/distilroberta-base-ft-allnli-matryoshka-768-16-1e-128bs'

const HIDDEN = 768
const INTERMEDIATE = 3072
const LAYERS = 6
const VOCABULARY = 50_265
const POSITIONS = 514
const FLOAT_BYTES = 4

/** Standard deviation of weights, as the family initialises them. */
const SPREAD = 0.02
/** Odd, so that rows of a table do not repeat soon. */
const NOISE_FLOATS = 262_139
const PIECE_BYTES = 1 << 20

/** Numbers that a tensor repeats. */
type Pattern = Uint8Array

interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly pattern: Pattern
}

/**
 * Makes a repository of the seed model's exact shape: distilroberta with 768 hidden, 6 layers, 12 heads, 514 positions and 50,265
 * tokens in the old folder format, 328 MB. Weights are noise, made as they are sent; the tokenizer is a tiny model's.
 */
export function seedModelRepo(): HubRepo {
  const json = (value: unknown): HubFile => hubFile(JSON.stringify(value))
  const tokenizer = (name: string): HubFile => hubFile(readFileSync(fixturePath('roberta-mean-matryoshka', name)))
  return {
    files: {
      'modules.json': json([
        { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
        { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
      ]),
      'config.json': json(CONFIG),
      '1_Pooling/config.json': json(POOLING),
      'sentence_bert_config.json': json({ max_seq_length: 512, do_lower_case: false }),
      'config_sentence_transformers.json': json({ prompts: {}, default_prompt_name: null, similarity_fn_name: null }),
      'tokenizer.json': tokenizer('tokenizer.json'),
      'tokenizer_config.json': tokenizer('tokenizer_config.json'),
      'model.safetensors': safetensors(listTensors()),
    },
  }
}

const CONFIG = {
  _name_or_path: 'distilroberta-base',
  architectures: ['RobertaModel'],
  hidden_act: 'gelu',
  hidden_size: HIDDEN,
  intermediate_size: INTERMEDIATE,
  layer_norm_eps: 1e-5,
  max_position_embeddings: POSITIONS,
  model_type: 'roberta',
  num_attention_heads: 12,
  num_hidden_layers: LAYERS,
  pad_token_id: 1,
  position_embedding_type: 'absolute',
  torch_dtype: 'float32',
  type_vocab_size: 1,
  vocab_size: VOCABULARY,
}

const POOLING = {
  word_embedding_dimension: HIDDEN,
  pooling_mode_cls_token: false,
  pooling_mode_mean_tokens: true,
  pooling_mode_max_tokens: false,
  pooling_mode_mean_sqrt_len_tokens: false,
  pooling_mode_weightedmean_tokens: false,
  pooling_mode_lasttoken: false,
  include_prompt: true,
}

function listTensors(): Tensor[] {
  const [noise, ones] = [bytesOf(makeNoise()), bytesOf(new Float32Array(HIDDEN).fill(1))]
  const table = (name: string, rows: number): Tensor => ({
    name: `${name}.weight`,
    shape: [rows, HIDDEN],
    pattern: noise,
  })
  const linear = (name: string, out: number, input: number): Tensor[] => [
    { name: `${name}.bias`, shape: [out], pattern: noise },
    { name: `${name}.weight`, shape: [out, input], pattern: noise },
  ]
  const norm = (name: string): Tensor[] => [
    { name: `${name}.bias`, shape: [HIDDEN], pattern: noise },
    { name: `${name}.weight`, shape: [HIDDEN], pattern: ones },
  ]
  const layer = (prefix: string): Tensor[] => [
    ...['query', 'key', 'value'].flatMap((name) => linear(`${prefix}.attention.self.${name}`, HIDDEN, HIDDEN)),
    ...linear(`${prefix}.attention.output.dense`, HIDDEN, HIDDEN),
    ...norm(`${prefix}.attention.output.LayerNorm`),
    ...linear(`${prefix}.intermediate.dense`, INTERMEDIATE, HIDDEN),
    ...linear(`${prefix}.output.dense`, HIDDEN, INTERMEDIATE),
    ...norm(`${prefix}.output.LayerNorm`),
  ]
  return [
    table('embeddings.word_embeddings', VOCABULARY),
    table('embeddings.position_embeddings', POSITIONS),
    table('embeddings.token_type_embeddings', 1),
    ...norm('embeddings.LayerNorm'),
    ...Array.from({ length: LAYERS }, (_, index) => layer(`encoder.layer.${index}`)).flat(),
    ...linear('pooler.dense', HIDDEN, HIDDEN),
  ]
}

/** Sums of uniform numbers of a linear congruential generator. */
function makeNoise(): Float32Array {
  let state = 1
  const uniform = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32 - 0.5
  // Three uniform numbers of width 1 have the variance 3 / 12.
  return Float32Array.from({ length: NOISE_FLOATS }, () => (uniform() + uniform() + uniform()) * 2 * SPREAD)
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer)
}

function safetensors(tensors: readonly Tensor[]): HubFile {
  const header: Record<string, unknown> = {}
  const segments: { start: number; end: number; pattern: Pattern }[] = []
  let end = 0
  for (const { name, shape, pattern } of tensors) {
    const start = end
    end += shape.reduce((product, length) => product * length, FLOAT_BYTES)
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] }
    segments.push({ start, end, pattern })
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const head = new Uint8Array(8 + Math.ceil(json.byteLength / 8) * 8).fill(0x20, 8)
  new DataView(head.buffer).setUint32(0, head.byteLength - 8, true)
  head.set(json, 8)
  const sizeBytes = head.byteLength + end
  return {
    sizeBytes,
    etag: '"seed"',
    *read(from, to) {
      if (from < head.byteLength) yield head.subarray(from, Math.min(to, head.byteLength))
      for (const segment of segments) {
        const first = Math.max(from - head.byteLength, segment.start)
        yield* repeat(
          segment.pattern,
          first - segment.start,
          Math.min(to - head.byteLength, segment.end) - segment.start,
        )
      }
    },
  }
}

function* repeat(pattern: Pattern, start: number, end: number): Iterable<Uint8Array> {
  for (let offset = start; offset < end;) {
    const place = offset % pattern.byteLength
    const piece = pattern.subarray(place, Math.min(pattern.byteLength, place + PIECE_BYTES, place + end - offset))
    yield piece
    offset += piece.byteLength
  }
}
