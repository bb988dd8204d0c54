import { Encoder } from '../encode/encoder.js'
import { chooseDevice, type DeviceChoice } from '../engine/choose-device.js'
import type { Engine } from '../engine/engine.js'
import { createOnnxEngine } from '../engine/onnx/onnx-engine.js'
import { loadRuntime, type OnnxRuntime } from '../engine/onnx/runtime.js'
import { probeWebGpu } from '../engine/webgpu-probe.js'
import { DownloadProgress } from '../model/download-progress.js'
import { ModelFolder } from '../model/model-folder.js'
import { readModel, type Model } from '../model/read-model.js'
import { Tokenizer } from '../tokenize/tokenizer.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { LoadedModel, LoadRequest } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import type { LoadProgress } from './load-progress.js'

/** A model that runs. */
export interface RunningModel {
  readonly encoder: Encoder
  readonly engine: Engine
  readonly tokenizer: Tokenizer
  readonly loaded: LoadedModel
}

/** Tokens of the warm-up runs: WebGPU uses other attention kernels from 32 tokens on, so both are compiled. */
const WARM_UP_TOKENS = { wasm: [8], webgpu: [8, 40], fallback: [4] } as const

/**
 * Loads a model: files, runtime and adapter side by side, then session and warm-up.
 *
 * With `device: 'auto'` a WebGPU that fails to make a session or to warm up is replaced by WASM, with a warning.
 *
 * @param request - What to load, where to run.
 * @param progress - Told about each phase.
 * @returns The running model.
 * @throws {EmbedderError} What reading the model, choosing the device and making the session throw.
 */
export async function loadModel(request: LoadRequest, progress: LoadProgress): Promise<RunningModel> {
  const bytes = new DownloadProgress((totals) => {
    progress.download(totals)
  })
  const folder = new ModelFolder(request.model, bytes)
  const reading = readModel(folder)
  const choosing = chooseAndLoadRuntime(request)
  const [model, first] = await Promise.all([reading, choosing])
  const tokenizer = new Tokenizer(model.tokenizer.json, model.tokenizer.config, {
    maxLength: model.settings.maxSeqLength,
    doLowerCase: model.settings.doLowerCase,
    addSpecialTokens: model.settings.addSpecialTokens,
  })
  const started = await startEngine(request, model, first, progress)
  const { spec, settings } = model
  const encoder = new Encoder({ spec, settings, tokenizer, engine: started.engine })
  return { encoder, engine: started.engine, tokenizer, loaded: describe(folder.name, model, started) }
}

interface Started {
  readonly engine: Engine
  readonly reasons: readonly string[]
  readonly warnings: readonly EmbedderWarning[]
}

interface Prepared {
  readonly choice: DeviceChoice
  readonly runtime: OnnxRuntime
}

async function chooseAndLoadRuntime(request: LoadRequest): Promise<Prepared> {
  const support = request.device === 'wasm' ? undefined : await probeWebGpu()
  const choice = chooseDevice(request, support ?? { available: false, reason: 'it was not asked for' })
  return { choice, runtime: await loadChosenRuntime(request, choice) }
}

function loadChosenRuntime(request: LoadRequest, choice: DeviceChoice): Promise<OnnxRuntime> {
  const urls = request.runtimes[choice.runtime]
  if (urls === undefined) {
    throw new EmbedderError('environment-unsupported', `Cannot load the runtime as ${choice.runtime} has no URL`)
  }
  return loadRuntime(choice.runtime, urls)
}

async function startEngine(
  request: LoadRequest,
  model: Model,
  prepared: Prepared,
  progress: LoadProgress,
): Promise<Started> {
  const reasons = [prepared.choice.reason]
  try {
    return { engine: await startOn(model, prepared, progress), reasons, warnings: [] }
  } catch (error) {
    if (request.device !== 'auto' || prepared.choice.device === 'wasm') throw error
    const choice = chooseDevice({ ...request, device: 'wasm' }, { available: false, reason: '' })
    const runtime = await loadChosenRuntime(request, choice)
    const message = `The model runs on WASM as WebGPU failed: ${error instanceof Error ? error.message : String(error)}`
    return {
      engine: await startOn(model, { choice, runtime }, progress),
      reasons: [...reasons, message],
      warnings: [{ kind: 'device-fallback', message }],
    }
  }
}

async function startOn(model: Model, { choice, runtime }: Prepared, progress: LoadProgress): Promise<Engine> {
  progress.begin('compile')
  const { spec, weightFiles } = model
  const engine = await createOnnxEngine({ spec, weightFiles, device: choice.device, runtime })
  progress.begin('warm-up')
  for (const tokens of WARM_UP_TOKENS[choice.isFallbackAdapter ? 'fallback' : choice.device]) {
    await warmUp(engine, model, Math.min(tokens, model.settings.maxSeqLength))
  }
  return engine
}

/** Compiles and allocates, so that the first real call does not pay for it. */
async function warmUp(engine: Engine, model: Model, seqLength: number): Promise<void> {
  const ids = new Int32Array(seqLength)
  const lengths = Int32Array.of(seqLength)
  const { dim: truncateDim } = model.spec
  await engine.run({ count: 1, seqLength, ids, lengths, skippedTokens: 0, truncateDim, normalize: false })
}

function describe(name: string, model: Model, { engine, reasons, warnings }: Started): LoadedModel {
  const { settings, spec, spaceId } = model
  return {
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
    threads: engine.threads,
    reasons,
    warnings,
  }
}
