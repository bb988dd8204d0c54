import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { EmbedderError } from '../../wire/embedder-error.js'
import { ConfigReader } from './config-reader.js'
import type { ModelSettings } from '../encoder-spec.js'

/** The files that hold settings; of nothing where a folder lacks the file. */
export interface SettingsFiles {
  /** sentence_bert_config.json, or what it was called before. */
  readonly sentence: ConfigReader
  readonly sentenceTransformers: ConfigReader
  readonly tokenizerConfig: ConfigReader
  /** tokenizer.json, parsed. */
  readonly tokenizerJson: Readonly<Record<string, unknown>>
}

/** What the network contributes to the settings. */
export interface NetworkLimits {
  /** `max_position_embeddings`, as far as tokens can use it. */
  readonly maxPositions: number
  /** Whether positions are rows of a table: then a text can never have more tokens, whatever the settings say. */
  readonly hasPositionTable: boolean
  /** Whether it is a table without a transformer, whose tokenizer alone decides about lengths and adds nothing. */
  readonly isStatic: boolean
}

/** A bound that no real model reaches. */
const MAX_LENGTH = 1_000_000_000

/**
 * Reads what a folder says beside its network: lengths, prompts, similarity function.
 *
 * @param network - What the network contributes.
 * @returns The settings, as Python resolves them.
 * @throws {EmbedderError} `model-invalid` if a value is of the wrong type, `model-unsupported` if the similarity function is not known.
 * @see `sentence_transformers.base.modules.transformer.Transformer.__init__`
 */
export function readSettings(files: SettingsFiles, network: NetworkLimits): ModelSettings {
  const { sentence, sentenceTransformers: config, tokenizerConfig } = files
  const prompts = readPrompts(config)
  return {
    maxSeqLength: network.isStatic ? staticLengthOf(files) : lengthOf(sentence, tokenizerConfig, network),
    addSpecialTokens: !network.isStatic,
    doLowerCase: sentence.boolean('do_lower_case', false),
    similarityFunction: readSimilarityFunction(config),
    prompts,
    defaultPromptName: readDefaultPromptName(config, prompts),
    truncateDim: config.has('truncate_dim') ? config.integer('truncate_dim', { min: 1, max: MAX_LENGTH }) : undefined,
  }
}

/** @see `sentence_transformers.base.modules.transformer.Transformer.__init__` */
function lengthOf(sentence: ConfigReader, tokenizer: ConfigReader, network: NetworkLimits): number {
  if (sentence.has('max_seq_length')) {
    const length = sentence.length('max_seq_length')
    return network.hasPositionTable ? Math.min(length, network.maxPositions) : length
  }
  // Tokenizers of before transformers 3 call it `max_len`, which counts only where the present name is not there at all.
  const key = tokenizer.values['model_max_length'] === undefined ? 'max_len' : 'model_max_length'
  return Math.min(tokenizer.has(key) ? tokenizer.length(key) : Infinity, network.maxPositions)
}

/** Python cuts texts of a StaticEmbedding only where tokenizer.json itself says so. */
function staticLengthOf({ tokenizerJson }: SettingsFiles): number {
  const { truncation } = tokenizerJson
  if (typeof truncation !== 'object' || truncation === null) return Infinity
  return ConfigReader.of('tokenizer.json', truncation).integer('max_length', { min: 1, max: MAX_LENGTH })
}

/** Every model has these two; where its folder says nothing they put nothing in front. */
const DEFAULT_PROMPTS = { query: '', document: '' } as const

/** @see `sentence_transformers.base.model.BaseModel.prompts` */
function readPrompts(config: ConfigReader): Readonly<Record<string, string>> {
  if (!config.has('prompts')) return DEFAULT_PROMPTS
  const reader = ConfigReader.of(config.path, config.values['prompts'])
  const names = Object.keys(reader.values)
  return { ...DEFAULT_PROMPTS, ...Object.fromEntries(names.map((name) => [name, reader.string(name, '')])) }
}

function readDefaultPromptName(config: ConfigReader, prompts: Readonly<Record<string, string>>): string | null {
  if (!config.has('default_prompt_name')) return null
  const name = config.string('default_prompt_name')
  if (Object.hasOwn(prompts, name)) return name
  throw new EmbedderError(
    'model-invalid',
    `Cannot read ${config.path} as default_prompt_name must be one of ${Object.keys(prompts).join(', ')}: current value is ${name}`,
    { details: { path: config.path } },
  )
}

function readSimilarityFunction(config: ConfigReader): SimilarityFunction {
  const name = config.string('similarity_fn_name', 'cosine')
  const known = SIMILARITY_FUNCTIONS.find((candidate) => candidate === name)
  if (known !== undefined) return known
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load ${config.path} as similarity_fn_name must be one of ${SIMILARITY_FUNCTIONS.join(', ')}: current value is ${name}`,
    { details: { path: config.path } },
  )
}
