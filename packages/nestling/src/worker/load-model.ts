import { chooseDevice, type DeviceChoice } from '../engine/choose-device.js'
import type { Engine } from '../engine/engine.js'
import { createOnnxEngine } from '../engine/onnx/onnx-engine.js'
import { loadRuntime, type OnnxRuntime } from '../engine/onnx/runtime.js'
import { probeWebGpu } from '../engine/webgpu-probe.js'
import { DownloadProgress } from '../model/download-progress.js'
import { ModelFolder } from '../model/model-folder.js'
import { readModel, type Model } from '../model/read-model.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { LoadRequest } from '../wire/protocol.js'
import type { LoadProgress } from './load-progress.js'
import {
  describeModel,
  fellBack,
  makeTokenizer,
  warmUp,
  type EngineHistory,
  type RunningModel,
} from './running-model.js'

/**
 * Loads a folder with safetensors: files, runtime and adapter side by side, then session and warm-up.
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
  const tokenizer = makeTokenizer(model)
  const started = await startEngine(request, model, first, progress)
  const { spec, settings } = model
  return {
    engine: started.engine,
    tokenizer,
    spec,
    settings,
    isStatic: spec.architecture === 'static',
    loaded: describeModel({ ...model, dim: spec.dim, name: folder.name, ...started }),
  }
}

interface Started extends EngineHistory {
  readonly engine: Engine
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
    return { engine: await startOn(model, { choice, runtime }, progress), ...fellBack(reasons, error) }
  }
}

async function startOn(model: Model, { choice, runtime }: Prepared, progress: LoadProgress): Promise<Engine> {
  progress.begin('compile')
  const { spec, weightFiles } = model
  const engine = await createOnnxEngine({ spec, weightFiles, device: choice.device, runtime })
  progress.begin('warm-up')
  await warmUp(engine, choice, model.settings.maxSeqLength)
  return engine
}
