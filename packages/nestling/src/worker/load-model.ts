import { ladderOf, type Ladder } from '../engine/device-rungs.js'
import type { ModelFolder } from '../model/model-folder.js'
import { readModel, type Model } from '../model/read-model.js'
import type { DeviceProbe } from '../wire/load-report.js'
import type { Device, LoadRequest, RuntimeName } from '../wire/protocol.js'
import type { OnnxDtype } from '../engine/onnx/onnx-engine.js'
import type { Engine } from '../engine/engine.js'
import { Certifier, goldenFileOf } from './certifier.js'
import type { LoadParts } from './load-parts.js'
import type { LoadProgress } from './load-progress.js'
import { withModelFiles, type FilesHistory } from './model-files.js'
import { makeTokenizer, toRunningModel, type RunningModel } from './running-model.js'
import { createRuntimeLoader, type RuntimeLoader } from './runtime-loader.js'
import { walkLadder } from './walk-ladder.js'

/**
 * Loads a folder with safetensors: files, runtime and adapter side by side, then session, warm-up and certificate.
 *
 * @param request - What to load, where to run.
 * @param progress - Told about each phase.
 * @param parts - How adapters are looked for and engines made.
 * @returns The running model.
 * @throws {EmbedderError} What reading the model, choosing the device, making the session and comparing its vectors throw.
 */
export async function loadModel(request: LoadRequest, progress: LoadProgress, parts: LoadParts): Promise<RunningModel> {
  const runtimes = createRuntimeLoader(request)
  const reading = readFiles(request, progress)
  const createEngine = async (way: Way): Promise<Engine> => {
    const { spec, weightFiles } = (await reading).model
    return parts.createEngine({ ...way, spec, weightFiles, runtime: await runtimes(way.runtime) })
  }
  // The network is always computed in float32 there: nothing else runs on the CPU in our graphs.
  const certifier = new Certifier(request, {
    startReference: () => createEngine({ device: 'wasm', runtime: 'wasm', dtype: 'fp32' }),
    readFile: async (path) => (await reading).folder.readText(path),
  })
  try {
    const [{ model, cache, warnings }, { probe, ladder }] = await Promise.all([
      reading,
      prepare(request, parts, runtimes),
    ])
    const tokenizer = makeTokenizer(model)
    const { model: started, history } = await walkLadder({
      ladder,
      probe,
      certifier,
      spaceId: model.spaceId,
      start: async (rung) => {
        progress.begin('compile')
        const dtype = rung.dtype === 'fp16' ? 'fp16' : 'fp32'
        const engine = await createEngine({ device: rung.device, runtime: rung.runtime, dtype })
        return { ...partsOf(model), engine, tokenizer, reasons: [] }
      },
      onWarmUp: () => {
        progress.begin('warm-up')
      },
    })
    return toRunningModel(request.model.name, started, {
      ...history,
      cache,
      warnings: [...warnings, ...history.warnings],
    })
  } finally {
    certifier.close()
  }
}

/** Reads the model, and what it will be compared with: once this is done, nothing more is stored. */
function readFiles(
  request: LoadRequest,
  progress: LoadProgress,
): Promise<{ readonly model: Model; readonly folder: ModelFolder } & FilesHistory> {
  return withModelFiles({ request, progress }, async ({ folder, isStored }) => {
    const golden = isStored ? goldenFileOf(request) : undefined
    if (golden !== undefined) folder.prefetch([golden])
    const model = await readModel(folder)
    // Without it the model is not verified, which the certifier tells.
    if (golden !== undefined) await folder.readOptional(golden).catch(() => undefined)
    return { model, folder }
  })
}

interface Way {
  readonly device: Device
  readonly runtime: RuntimeName
  readonly dtype: OnnxDtype
}

function partsOf({ spec, settings, spaceId }: Model): Pick<Model, 'spec' | 'settings' | 'spaceId'> {
  return { spec, settings, spaceId }
}

/** Looks at devices and starts loading the runtime of the best, while the model is read. */
async function prepare(
  request: LoadRequest,
  parts: LoadParts,
  runtimes: RuntimeLoader,
): Promise<{ readonly probe: DeviceProbe; readonly ladder: Ladder }> {
  const probe = await parts.probe(request.device)
  const ladder = ladderOf(request, probe)
  const loading = runtimes(ladder.rungs[0].runtime)
  // Where there is another way, a runtime that cannot be loaded ends nothing.
  if (ladder.rungs.length === 1) await loading
  else loading.catch(() => undefined)
  return { probe, ladder }
}
