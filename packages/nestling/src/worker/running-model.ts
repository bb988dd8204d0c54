import type { DeviceChoice } from '../engine/choose-device.js'
import type { Engine } from '../engine/engine.js'
import type { ModelSettings, PoolingChain } from '../model/encoder-spec.js'
import type { TokenizerFiles } from '../model/read-texts.js'
import { Tokenizer } from '../tokenize/tokenizer.js'
import type { LoadedModel } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'

/** A model that runs. */
export interface RunningModel {
  readonly engine: Engine
  readonly spec: PoolingChain
  readonly settings: ModelSettings
  /** Whether it is a table of vectors without a network. */
  readonly isStatic: boolean
  readonly tokenizer: Tokenizer
  readonly loaded: LoadedModel
}

/** How it came to an engine. */
export interface EngineHistory {
  readonly reasons: readonly string[]
  readonly warnings: readonly EmbedderWarning[]
}

/** What the page is told of. */
export interface ModelFacts extends EngineHistory {
  readonly name: string
  readonly spaceId: string
  /** Length of a vector before truncation. */
  readonly dim: number
  readonly settings: ModelSettings
  readonly engine: Engine
}

/** Tokens of the warm-up runs: WebGPU uses other attention kernels from 32 tokens on, so both are compiled. */
const WARM_UP_TOKENS = { wasm: [8], webgpu: [8, 40], fallback: [4] } as const

/**
 * Compiles and allocates, so that the first real call does not pay for it.
 *
 * @param engine - The engine.
 * @param choice - Where it runs.
 * @param maxSeqLength - Tokens that it reads.
 */
export async function warmUp(engine: Engine, choice: DeviceChoice, maxSeqLength: number): Promise<void> {
  for (const tokens of WARM_UP_TOKENS[choice.isFallbackAdapter ? 'fallback' : choice.device]) {
    const seqLength = Math.min(tokens, maxSeqLength)
    const ids = new Int32Array(seqLength)
    const lengths = Int32Array.of(seqLength)
    await engine.run({ count: 1, seqLength, ids, lengths, skippedTokens: 0 })
  }
}

/**
 * Makes a model's tokenizer.
 *
 * @param model - Its files and settings.
 * @param model.tokenizer - Values of the files.
 * @param model.settings - Settings of the folder.
 * @returns The tokenizer.
 */
export function makeTokenizer(model: { tokenizer: TokenizerFiles; settings: ModelSettings }): Tokenizer {
  const { maxSeqLength: maxLength, doLowerCase, addSpecialTokens } = model.settings
  return new Tokenizer(model.tokenizer.json, model.tokenizer.config, { maxLength, doLowerCase, addSpecialTokens })
}

/**
 * Tells that WASM took over from WebGPU.
 *
 * @param reasons - Why WebGPU was chosen.
 * @param error - Why it failed.
 * @returns Reasons and the warning.
 */
export function fellBack(reasons: readonly string[], error: unknown): EngineHistory {
  const message = `The model runs on WASM as WebGPU failed: ${error instanceof Error ? error.message : String(error)}`
  return { reasons: [...reasons, message], warnings: [{ kind: 'device-fallback', message }] }
}

/**
 * Says what the page has to know of a model.
 *
 * @param facts - The model and its engine.
 * @returns Plain data.
 */
export function describeModel({ settings, engine, ...facts }: ModelFacts): LoadedModel {
  return {
    spaceId: facts.spaceId,
    name: facts.name,
    dim: facts.dim,
    maxSeqLength: settings.maxSeqLength,
    similarityFunction: settings.similarityFunction,
    prompts: settings.prompts,
    defaultPromptName: settings.defaultPromptName,
    truncateDim: settings.truncateDim,
    device: engine.device,
    engine: engine.name,
    runtime: engine.runtime,
    dtype: engine.dtype,
    threads: engine.threads,
    reasons: facts.reasons,
    warnings: facts.warnings,
  }
}
