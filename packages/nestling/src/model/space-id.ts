import type { ModelSettings, PoolingChain } from './encoder-spec.js'
import type { TokenizerFiles } from './configs/read-texts.js'
import { sha256Hex } from './sha256.js'

/** Raised when our own numerics change so that old and new vectors should not be mixed. */
const FORMAT = 1

/**
 * Digests all that decides what a vector means: weights, tokenizer and network with its module chain. Where an ONNX file holds the
 * network, it counts as weights, and the chain alone is left.
 *
 * Names, URLs, prompts, dims, normalising on request and the maximum length are left out on purpose: vectors that differ in
 * those may be compared.
 *
 * @param spec - The network, or the chain that follows it.
 * @param settings - Only `doLowerCase` counts: it changes tokens.
 * @param digests - SHA-256 of the files.
 * @param digests.weights - Of the weights, in their order.
 * @param digests.tokenizer - Of tokenizer.json.
 * @param tokenizer - Beside tokenizer.json: what Python's class replaces in it, and the side on which long texts are cut.
 * @returns 64 hexadecimal digits.
 */
export async function spaceIdOf(
  spec: PoolingChain,
  settings: ModelSettings,
  digests: { readonly weights: readonly string[]; readonly tokenizer: string },
  tokenizer: TokenizerFiles,
): Promise<string> {
  const network = JSON.stringify(spec, (key, value: unknown) => {
    if (LOCATION_KEYS.has(key)) return undefined
    // Powers and logarithms differ in the last bit between engines, and kernels compute in float32.
    return typeof value === 'number' ? Math.fround(value) : value
  })
  const parts = {
    format: FORMAT,
    weights: digests.weights,
    tokenizer: digests.tokenizer,
    network,
    doLowerCase: settings.doLowerCase,
    ...(isCutOnTheLeft(tokenizer) && { truncationSide: 'left' }),
    ...(tokenizer.patch && { tokenizerPatch: tokenizer.patch }),
  }
  return sha256Hex(new TextEncoder().encode(JSON.stringify(parts)))
}

/** As the tokenizer reads it. */
function isCutOnTheLeft({ json, config }: TokenizerFiles): boolean {
  const { truncation } = json as { readonly truncation?: { readonly direction?: unknown } | null }
  const side = (config as { readonly truncation_side?: unknown }).truncation_side ?? truncation?.direction
  return typeof side === 'string' && side.toLowerCase() === 'left'
}

/** Where a weight lies does not matter; what it is, the hash of its file says. */
const LOCATION_KEYS: ReadonlySet<string> = new Set(['file', 'offset', 'byteLength', 'name'])
