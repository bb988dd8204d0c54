import { PRECISIONS, type Precision } from '../../math/precision.js'
import type { QuantizeOptions } from '../../math/quantize.js'
import type { ProgressListener } from '../../wire/progress.js'
import type { OnTruncate, Priority } from '../../wire/protocol.js'
import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkSignal,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { MATRIX } from './matrix-type.js'

/** Options of `encode`, `encodeQuery` and `encodeDocument`. */
export interface EncodeOptions<P extends Precision = 'float32'> {
  /**
   * Components to keep of every vector, from the first on. Nothing is rescaled unless `normalize` is set, as in Python. More than the model
   * gives keeps all and raises the warning `dim-beyond-model`.
   *
   * @defaultValue `truncateDim` of `load`
   */
  readonly truncateDim?: number | undefined
  /**
   * Scales each vector to length 1, after truncation.
   *
   * @defaultValue false
   */
  readonly normalize?: boolean | undefined
  /**
   * Type of the output, after truncation and scaling: `float32`, `int8` and `uint8` (256 levels between the smallest and the
   * largest value of each component), `binary` and `ubinary` (one bit a component, eight of them packed in a value).
   *
   * @defaultValue 'float32'
   * @see `sentence_transformers.util.quantize_embeddings`
   */
  readonly precision?: P | undefined
  /**
   * Smallest and largest value of each component for `int8` and `uint8`, of shape `[2, dim]`. Vectors of two calls can be
   * compared only if both had the same ranges; a single text needs them. Other precisions pay no heed.
   *
   * @defaultValue those of all vectors of the call, as in Python
   */
  readonly ranges?: QuantizeOptions['ranges']
  /** Name of one of the model's prompts, which is put in front of each text. */
  readonly promptName?: string | undefined
  /** A prompt of your own; goes before `promptName`. */
  readonly prompt?: string | undefined
  /**
   * Most texts that run at once. Texts are sorted by length and batches are also limited by tokens, so this seldom matters.
   *
   * @defaultValue 32
   */
  readonly batchSize?: number | undefined
  /**
   * `interactive` texts run before `background` ones, from the next slice of about 100 ms on.
   *
   * @defaultValue 'interactive' for one text and for queries, 'background' for a list
   */
  readonly priority?: Priority | undefined
  /**
   * What is done with a text of more than `maxSeqLength` tokens: `truncate` ignores the rest, with the warning `text-truncated`;
   * `error` rejects with `text-too-long`; `chunk` takes the mean of its chunks' vectors, weighted by their tokens, scaled to length 1
   * where the model does that itself.
   *
   * @defaultValue 'truncate'
   */
  readonly onTruncate?: OnTruncate | undefined
  /**
   * Whether vectors that were kept are taken instead of encoding their texts again, and new ones are kept. Needs `cache.embeddings`
   * of `load`.
   *
   * @defaultValue what `load` was told; `false` for queries
   */
  readonly cache?: boolean | undefined
  /** Told how many texts are done. */
  readonly onProgress?: ProgressListener | undefined
  /** Ends the call at once with its reason; the batch that runs is thrown away. */
  readonly signal?: AbortSignal | undefined
}

/** {@link EncodeOptions} with every default filled in. */
export interface ResolvedEncodeOptions {
  readonly truncateDim: number | undefined
  readonly normalize: boolean
  readonly precision: Precision
  readonly ranges: QuantizeOptions['ranges']
  readonly prompt: string
  readonly batchSize: number
  readonly priority: Priority
  readonly onTruncate: OnTruncate
  readonly cache: boolean
  readonly onProgress: ProgressListener | undefined
  readonly signal: AbortSignal | undefined
}

/** What a model contributes to the defaults. */
export interface EncodeDefaults {
  readonly truncateDim: number | undefined
  readonly prompts: Readonly<Record<string, string>>
  readonly defaultPromptName: string | null
  readonly priority: Priority
  /** Whether embeddings are kept. */
  readonly cache: boolean
}

const KNOWN_KEYS: KnownKeys<EncodeOptions> = {
  truncateDim: true,
  normalize: true,
  precision: true,
  ranges: true,
  promptName: true,
  prompt: true,
  batchSize: true,
  priority: true,
  onTruncate: true,
  cache: true,
  onProgress: true,
  signal: true,
}

const WHAT = 'encode'

/** As in Python. */
const DEFAULT_BATCH_SIZE = 32

/**
 * Checks options and fills in defaults.
 *
 * @param options - What the caller gave.
 * @param defaults - What the model contributes.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option does not exist or has the wrong type.
 * @throws {RangeError} If a number is out of range or the model has no prompt of that name.
 */
export function resolveEncodeOptions(
  options: EncodeOptions<Precision>,
  defaults: EncodeDefaults,
): ResolvedEncodeOptions {
  checkKeys(WHAT, options, KNOWN_KEYS)
  return {
    truncateDim: checkPositiveInteger(WHAT, 'truncateDim', options.truncateDim) ?? defaults.truncateDim,
    normalize: checkType(WHAT, 'normalize', options.normalize, 'boolean') ?? false,
    precision: checkOneOf(WHAT, 'precision', options.precision, PRECISIONS) ?? 'float32',
    ranges: checkType(WHAT, 'ranges', options.ranges, MATRIX),
    prompt: resolvePrompt(options, defaults),
    batchSize: checkPositiveInteger(WHAT, 'batchSize', options.batchSize) ?? DEFAULT_BATCH_SIZE,
    priority: checkOneOf(WHAT, 'priority', options.priority, ['interactive', 'background']) ?? defaults.priority,
    onTruncate: checkOneOf(WHAT, 'onTruncate', options.onTruncate, ['truncate', 'error', 'chunk']) ?? 'truncate',
    cache: resolveCache(options.cache, defaults.cache),
    onProgress: checkType(WHAT, 'onProgress', options.onProgress, 'function'),
    signal: checkSignal(WHAT, options.signal),
  }
}

function resolveCache(value: boolean | undefined, isKept: boolean): boolean {
  const cache = checkType(WHAT, 'cache', value, 'boolean') ?? isKept
  if (!cache || isKept) return cache
  throw new TypeError(
    `Cannot ${WHAT} as cache must be false where no embeddings are kept: current value is true\nLoad the model with cache: { embeddings: true }`,
  )
}

/** @see `sentence_transformers.base.model.BaseModel._resolve_prompt` */
function resolvePrompt(options: EncodeOptions<Precision>, defaults: EncodeDefaults): string {
  const prompt = checkType(WHAT, 'prompt', options.prompt, 'string')
  const name = checkType(WHAT, 'promptName', options.promptName, 'string')
  if (prompt !== undefined) return prompt
  if (name === undefined) return ownPrompt(defaults, defaults.defaultPromptName ?? '') ?? ''
  const named = ownPrompt(defaults, name)
  if (named !== undefined) return named
  const known = Object.keys(defaults.prompts)
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  throw new RangeError(
    `Cannot encode as promptName must be a prompt of the model (${list}): current value is ${show(name)}`,
  )
}

function ownPrompt(defaults: EncodeDefaults, name: string): string | undefined {
  return Object.hasOwn(defaults.prompts, name) ? defaults.prompts[name] : undefined
}

/**
 * Picks the prompt that `encodeQuery` or `encodeDocument` uses when the caller names none.
 *
 * @param options - What the caller gave.
 * @param names - Names in order of preference.
 * @param prompts - The model's prompts.
 * @returns The options, with `promptName` where one was found.
 * @see `sentence_transformers.SentenceTransformer.encode_query` and `encode_document`
 */
export function withTaskPrompt<P extends Precision>(
  options: EncodeOptions<P>,
  names: readonly string[],
  prompts: Readonly<Record<string, string>>,
): EncodeOptions<P> {
  if (options.prompt !== undefined || options.promptName !== undefined) return options
  const promptName = names.find((name) => Object.hasOwn(prompts, name))
  return promptName === undefined ? options : { ...options, promptName }
}
