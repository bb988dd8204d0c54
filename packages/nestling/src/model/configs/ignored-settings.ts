import type { ConfigReader } from './config-reader.js'

/** Files whose keys are known. */
export type KnownFile = 'sentence' | 'tokenizer' | 'model'

/** Values of a key that change nothing. */
type Harmless = (value: unknown) => boolean

const isOff: Harmless = (value) => value === null || value === undefined || value === false || isEmpty(value)
const isOne: Harmless = (value) => value === null || value === undefined || value === 1

/** Where and how a model is loaded, not what it computes. */
const LOADING_KEYS: ReadonlySet<string> = new Set([
  'add_pooling_layer',
  'attn_implementation',
  'cache_dir',
  'device_map',
  'dtype',
  'file_name',
  'local_files_only',
  'low_cpu_mem_usage',
  'provider',
  'revision',
  'subfolder',
  'token',
  'torch_dtype',
  'trust_remote_code',
  'use_safetensors',
])
const isLoading: Harmless = (value) =>
  isOff(value) || (typeof value === 'object' && Object.keys(value as object).every((key) => LOADING_KEYS.has(key)))

/** Python's tokenizer files for one version each; the code of a tokenizer that comes with the model. */
const hasNoTokenizerCode: Harmless = (value) =>
  isOff(value) || (typeof value === 'object' && isOff((value as { readonly AutoTokenizer?: unknown }).AutoTokenizer))

/**
 * Keys that change vectors in Python, or in the code that published models come with, and that are not obeyed here; a closed list for
 * each file. What is obeyed, or refused where it is not, is not in it; neither is what changes nothing without training.
 */
const IGNORED: Readonly<Record<KnownFile, Readonly<Record<string, Harmless>>>> = {
  sentence: {
    query_length: isOff,
    document_length: isOff,
    query_expansion: isOff,
    processing_kwargs: isOff,
    tokenizer_name_or_path: isOff,
    config_args: isLoading,
    config_kwargs: isLoading,
    model_args: isLoading,
    model_kwargs: isLoading,
  },
  tokenizer: {
    auto_map: hasNoTokenizerCode,
    fast_tokenizer_files: isOff,
  },
  model: {
    pruned_heads: isOff,
    // Nomic's own code.
    mlp_fc1_bias: isOff,
    mlp_fc2_bias: isOff,
    moe_every_n_layers: (value) => isOff(value) || value === 0,
    parallel_block: isOff,
    prenorm: isOff,
    qkv_proj_bias: isOff,
    rotary_emb_fraction: isOne,
    rotary_emb_interleaved: isOff,
    rotary_emb_scale_base: isOff,
    scale_attn_by_inverse_layer_idx: isOff,
    use_rms_norm: isOff,
    // GTE's own code.
    logn_attention_clip1: isOff,
  },
}

/**
 * Lists what a file says that changes vectors and is not obeyed.
 *
 * @returns `key of path` for each.
 */
export function ignoredSettings(file: KnownFile, config: ConfigReader): string[] {
  return Object.entries(IGNORED[file])
    .filter(([key, isHarmless]) => !isHarmless(config.values[key]))
    .map(([key]) => `${key} of ${config.path}`)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
