import type { Rung } from './device-rungs.js'
import type { Engine } from '../engine/engine.js'
import type { ModelSettings, PoolingChain } from '../model/encoder-spec.js'
import type { TokenizerFiles } from '../model/configs/read-texts.js'
import { Tokenizer } from '../tokenize/tokenizer.js'
import type { CacheReport, DeviceProbe, DeviceSpeed, Verification } from '../wire/load-report.js'
import type { LoadedModel, SharedModel } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'

/** A model with an engine that has not run yet. */
export interface StartedModel {
  readonly engine: Engine
  readonly tokenizer: Tokenizer
  /** What follows the network, which any engine knows. */
  readonly spec: PoolingChain
  readonly settings: ModelSettings
  readonly spaceId: string
  /** What the engine has to say beside why its device was chosen. */
  readonly reasons: readonly string[]
  /** Settings of the folder that are not obeyed, where they were read: `key of path`. */
  readonly ignored?: readonly string[]
}

/** A model that runs. */
export interface RunningModel extends StartedModel {
  readonly loaded: LoadedModel
  /** What other workers need to use its weights, where these are in memory that they may share. */
  readonly shared?: SharedModel | undefined
}

/** How a model came to its engine. */
export interface EngineHistory {
  readonly reasons: readonly string[]
  readonly warnings: readonly EmbedderWarning[]
  readonly verification: Verification
  /** How fast both devices are, where that decided. */
  readonly speed?: DeviceSpeed | undefined
  readonly probe: DeviceProbe
}

/** How a model came to its engine and its files. */
export interface LoadHistory extends EngineHistory {
  readonly cache: CacheReport
}

/** Tokens of the warm-up runs: WebGPU uses other attention kernels from 32 tokens on, so both are compiled. */
const WARM_UP_TOKENS = { wasm: [8], webgpu: [8, 40], fallback: [4] } as const
const LONG_KERNEL_TOKENS = 32

/**
 * Compiles and allocates, so that the first real call does not pay for it.
 *
 * @param rung - Where it runs.
 * @param maxSeqLength - Tokens that it reads.
 * @param done - Lengths that were run already; what they compiled is not run again.
 */
export async function warmUp(
  engine: Engine,
  rung: Rung,
  maxSeqLength: number,
  done: readonly number[] = [],
): Promise<void> {
  for (const tokens of WARM_UP_TOKENS[rung.isFallbackAdapter ? 'fallback' : rung.device]) {
    const isLong = tokens >= LONG_KERNEL_TOKENS
    if (done.some((length) => length >= LONG_KERNEL_TOKENS === isLong)) continue
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
 * @param vocabSize - Rows of the embedding table, where that is known.
 */
export function makeTokenizer(
  model: { tokenizer: TokenizerFiles; settings: ModelSettings },
  vocabSize: number | undefined,
): Tokenizer {
  const { maxSeqLength: maxLength, doLowerCase, addSpecialTokens } = model.settings
  return new Tokenizer(model.tokenizer.json, model.tokenizer.config, {
    maxLength,
    doLowerCase,
    addSpecialTokens,
    vocabSize,
  })
}

/**
 * Puts a model together that is ready to run.
 *
 * @param history - How it came to its engine.
 * @returns The model, with what the page has to know of it.
 */
export function toRunningModel(name: string, model: StartedModel, history: LoadHistory): RunningModel {
  const { engine, spec, settings, spaceId } = model
  const loaded: LoadedModel = {
    spaceId,
    name,
    dim: spec.dim,
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
    reasons: history.reasons,
    warnings: [...ignoredWarnings(model.ignored ?? []), ...history.warnings],
    verification: history.verification,
    speed: history.speed,
    probe: history.probe,
    cache: history.cache,
  }
  return { ...model, loaded }
}

/** One warning for all of them. */
function ignoredWarnings(ignored: readonly string[]): EmbedderWarning[] {
  if (ignored.length === 0) return []
  const message = `Vectors may differ from Python's as these settings are not obeyed: ${ignored.join(', ')}\nCompare some vectors with Python's before you rely on them`
  return [{ kind: 'settings-ignored', message }]
}
