import { ConfigReader } from './configs/config-reader.js'
import type { ModelSettings } from './encoder-spec.js'
import type { ModelFolder } from './model-folder.js'
import { joinPath } from './configs/inner-path.js'
import type { ModuleEntry } from './configs/modules.js'
import { readSettings } from './configs/read-settings.js'
import { readTexts, type TokenizerFiles } from './configs/read-texts.js'

/** What a folder says of a model whose network an ONNX file holds. */
export interface OnnxFolder {
  /** Values of config.json. */
  readonly config: Readonly<Record<string, unknown>>
  /** Rows of its table of tokens, as far as config.json tells. */
  readonly vocabSize: number | undefined
  readonly settings: ModelSettings
  readonly tokenizer: TokenizerFiles
  /** Where tokenizer.json is. */
  readonly tokenizerPath: string
  /** What the folder says that changes vectors and is not obeyed: `key of path`. */
  readonly ignored: readonly string[]
}

/** Families that number positions from behind the padding id: their first rows are never used for tokens. */
const AFTER_PADDING: ReadonlySet<string> = new Set([
  'camembert',
  'longformer',
  'mpnet',
  'roberta',
  'roberta-prelayernorm',
  'xlm-roberta',
  'xlm-roberta-xl',
  'xmod',
])

/** Keys of config.json that say how many positions there are; rotary families with none have no limit of their own. */
const POSITION_KEYS = ['max_position_embeddings', 'n_positions'] as const

const MAX_POSITIONS = 1_000_000_000

/**
 * Reads settings and tokenizer of a folder. Of config.json only the number of positions is needed, whatever the architecture is.
 *
 * @param module - The Transformer module.
 * @returns What it says.
 * @throws {EmbedderError} `model-not-found`, `model-invalid`, `model-unsupported` or what fetching throws.
 */
export async function readOnnxFolder(folder: ModelFolder, module: ModuleEntry): Promise<OnnxFolder> {
  const configPath = joinPath(module.path, 'config.json')
  const [configText, texts] = await Promise.all([folder.readText(configPath), readTexts(folder, module)])
  const config = ConfigReader.parse(configPath, configText)
  const { tokenizer, tokenizerPath, ignored } = texts
  // What kind of positions a graph has is not known, so the safe side is taken.
  const limits = { maxPositions: maxPositions(config), hasPositionTable: true, isStatic: false }
  const { vocab_size: vocab } = config.values
  const vocabSize = Number.isInteger(vocab) ? (vocab as number) : undefined
  return { config: config.values, vocabSize, settings: readSettings(texts, limits), tokenizer, tokenizerPath, ignored }
}

function maxPositions(config: ConfigReader): number {
  const key = POSITION_KEYS.find((name) => config.has(name))
  if (key === undefined) return MAX_POSITIONS
  const positions = config.integer(key, { min: 1, max: MAX_POSITIONS })
  if (!AFTER_PADDING.has(config.string('model_type', ''))) return positions
  return Math.max(1, positions - config.integer('pad_token_id', { min: 0, max: positions - 1 }, 1) - 1)
}
