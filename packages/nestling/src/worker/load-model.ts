import { ladderOf, type Ladder, type Rung } from '../certify/device-rungs.js'
import type { ModelFolder } from '../model/model-folder.js'
import { readModel, type Model } from '../model/read-model.js'
import type { DeviceProbe } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import type { Engine } from '../engine/engine.js'
import type { KernelModule } from '../engine/kernels/load-kernels.js'
import { Certifier, goldenFileOf } from '../certify/certifier.js'
import type { LoadParts } from './load-parts.js'
import type { LoadProgress } from './load-progress.js'
import { withModelFiles, type FilesHistory } from './model-files.js'
import { makeTokenizer, toRunningModel, type RunningModel } from '../certify/running-model.js'
import { createKernelLoader, createRuntimeLoader, type KernelLoader, type RuntimeLoader } from './runtime-loader.js'
import { toSharedModel } from './shared-contents.js'
import { walkLadder } from '../certify/walk-ladder.js'

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
  const prepared = prepare(request, parts)
  const reading = readFiles(request, progress)
  const createEngine = async (rung: Rung, tile?: string): Promise<Engine> => {
    const [{ model }, { runtimes, kernels }] = await Promise.all([reading, prepared])
    const { spec, weightFiles } = model
    const { dtype } = rung
    if (rung.runtime === 'wgsl') return parts.createGpuKernels({ spec, weightFiles, dtype: rung.dtype, tile })
    if (rung.engine === 'kernels') {
      const create = (module: KernelModule): Promise<Engine> =>
        parts.createKernels({ spec, weightFiles, dtype: rung.dtype, module })
      return createOnKernels(kernels, create)
    }
    const computed = dtype === 'fp16' ? 'fp16' : 'fp32'
    const { runtime, createOnnxEngine } = await runtimes(rung.runtime)
    return parts.createEngine({ spec, weightFiles, device: rung.device, dtype: computed, runtime }, createOnnxEngine)
  }
  const certifier = new Certifier(request, {
    startReference: async () => startReference(request, (await prepared).probe, createEngine),
    readFile: async (path) => (await reading).folder.readText(path),
  })
  try {
    const [{ model, folder, cache, warnings }, { probe, ladder }] = await Promise.all([reading, prepared])
    const tokenizer = makeTokenizer(model, model.spec.vocabSize)
    const { model: started, history } = await walkLadder({
      ladder,
      probe,
      certifier,
      spaceId: model.spaceId,
      start: async (rung, tile) => {
        progress.begin('compile')
        return { ...partsOf(model), engine: await createEngine(rung, tile), tokenizer, reasons: [] }
      },
      onWarmUp: () => {
        progress.begin('warm-up')
      },
    })
    const whole = { ...history, cache, warnings: [...warnings, ...history.warnings] }
    const shared = await toSharedModel({ request, engine: started.engine, model, folder, history: whole })
    return { ...toRunningModel(request.model.name, started, whole), shared }
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

/** Starts the model in float32 on the CPU, to compare with. */
async function startReference(
  request: LoadRequest,
  probe: DeviceProbe,
  createEngine: (rung: Rung) => Promise<Engine>,
): Promise<Engine> {
  const { rungs } = ladderOf({ ...request, device: 'wasm', dtype: 'fp32' }, probe)
  const last = rungs[rungs.length - 1] as Rung
  for (const rung of rungs.slice(0, -1)) {
    const engine = await createEngine(rung).catch(() => undefined)
    if (engine !== undefined) return engine
  }
  return createEngine(last)
}

/** Makes the engine in shared memory where that is possible. */
async function createOnKernels(
  kernels: KernelLoader,
  create: (module: KernelModule) => Promise<Engine>,
): Promise<Engine> {
  const module = await kernels.best()
  if (!module.isShared) return create(module)
  // What keeps the weights out of shared memory may not keep them out of another one.
  return create(module).catch(async () => create(await kernels.own()))
}

function partsOf({
  spec,
  settings,
  spaceId,
  ignored,
}: Model): Pick<Model, 'spec' | 'settings' | 'spaceId' | 'ignored'> {
  return { spec, settings, spaceId, ignored }
}

/** What is known before the model is. */
interface Prepared {
  readonly probe: DeviceProbe
  readonly ladder: Ladder
  readonly runtimes: RuntimeLoader
  readonly kernels: KernelLoader
}

/** Looks at devices and starts loading the runtime of the best, while the model is read. */
async function prepare(request: LoadRequest, parts: LoadParts): Promise<Prepared> {
  const runtimes = createRuntimeLoader(request)
  const probe = await parts.probe(request.device)
  const kernels = createKernelLoader(request, probe.wasm)
  const ladder = ladderOf(request, probe)
  const [first, ...others] = ladder.rungs
  if (first.runtime === 'wgsl') return { probe, ladder, runtimes, kernels }
  const loading: Promise<unknown> = first.engine === 'kernels' ? kernels.best() : runtimes(first.runtime)
  // Where there is another way, a runtime that cannot be loaded ends nothing.
  if (others.length === 0) await loading
  else loading.catch(() => undefined)
  return { probe, ladder, runtimes, kernels }
}
