import { chooseDevice, type DeviceChoice } from '../engine/choose-device.js'
import { loadTransformersChunk } from '../engine/transformers/load-chunk.js'
import { openGraph, type OpenGraph } from '../engine/transformers/open-graph.js'
import { TransformersEngine } from '../engine/transformers/transformers-engine.js'
import { probeWebGpu } from '../engine/webgpu-probe.js'
import { DownloadProgress } from '../model/download-progress.js'
import type { PoolingChain } from '../model/encoder-spec.js'
import { ModelFolder } from '../model/model-folder.js'
import { joinPath } from '../model/inner-path.js'
import { readModules, type ModuleChain, type ModuleEntry } from '../model/modules.js'
import { readOnnxFile } from '../model/onnx-file.js'
import { readOnnxFolder, type OnnxFolder } from '../model/read-onnx-folder.js'
import { readTail } from '../model/read-tail.js'
import { spaceIdOf } from '../model/space-id.js'
import { EmbedderError, isEmbedderError, type EmbedderErrorCode } from '../wire/embedder-error.js'
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

/** Failures of a device, which another device may not have. */
const DEVICE_FAILURES: readonly EmbedderErrorCode[] = [
  'environment-unsupported',
  'webgpu-unavailable',
  'device-lost',
  'out-of-memory',
  'run-failed',
]

/**
 * Loads a folder with `onnx/` files on the engine `transformers`.
 *
 * With `device: 'auto'` a WebGPU that fails to make a session or to warm up is replaced by WASM, with a warning.
 *
 * @param request - What to load, where to run.
 * @param progress - Told about each phase.
 * @returns The running model.
 * @throws {EmbedderError} What reading the folder, choosing the device and opening the graph throw.
 */
export async function loadOnnxFolder(request: LoadRequest, progress: LoadProgress): Promise<RunningModel> {
  const bytes = new DownloadProgress((totals) => {
    progress.download(totals)
  })
  const folder = new ModelFolder(request.model, bytes, (path) => path === 'tokenizer.json')
  const support = request.device === 'wasm' ? undefined : await probeWebGpu()
  const choice = chooseDevice(request, support ?? { available: false, reason: 'it was not asked for' })
  const source: Source = {
    request,
    progress,
    folder,
    modules: readModules(await folder.readTextOptional('modules.json')),
  }
  const { head, engine, spaceId, chain, ...history } = await start(source, choice)
  const tokenizer = makeTokenizer(head)
  const { settings } = head
  const loaded = describeModel({ name: folder.name, spaceId, dim: chain.dim, settings, engine, ...history })
  return { engine, tokenizer, spec: chain, settings, isStatic: false, loaded }
}

interface Source {
  readonly request: LoadRequest
  readonly progress: LoadProgress
  readonly folder: ModelFolder
  readonly modules: ModuleChain
}

interface Started extends EngineHistory {
  readonly head: OnnxFolder
  readonly engine: TransformersEngine
  readonly chain: PoolingChain
  readonly spaceId: string
}

async function start(source: Source, choice: DeviceChoice): Promise<Started> {
  const { request } = source
  try {
    return await startOn(source, choice)
  } catch (error) {
    const isDeviceFailure = isEmbedderError(error) && DEVICE_FAILURES.includes(error.code)
    if (request.device !== 'auto' || choice.device === 'wasm' || !isDeviceFailure) throw error
    const second = chooseDevice({ ...request, device: 'wasm' }, { available: false, reason: '' })
    const started = await startOn(source, second)
    const { reasons, warnings } = fellBack([choice.reason], error)
    return { ...started, reasons: [...reasons, ...started.reasons.slice(1)], warnings }
  }
}

async function startOn(source: Source, choice: DeviceChoice): Promise<Started> {
  const { request, progress, folder, modules } = source
  const [first, ...tail] = modules
  const { path: prefix } = first
  const urls = request.runtimes[choice.runtime]
  if (urls === undefined) {
    throw new EmbedderError('environment-unsupported', `Cannot load the runtime as ${choice.runtime} has no URL`)
  }
  const [head, chunk, file] = await Promise.all([
    readOnnxFolder(folder, first),
    loadTransformersChunk(urls.library, choice.device),
    readOnnxFile(folder, prefix, request.dtype, choice.device),
  ])
  progress.begin('compile')
  const weightFiles = new Map<string, Uint8Array<ArrayBuffer>>()
  const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await folder.read(joinPath(prefix, name))
    weightFiles.set(joinPath(prefix, name), bytes)
    return bytes
  }
  const { device, runtime } = choice
  const { dtype, path } = file
  const graph = await openGraph({ config: head.config, read, chunk, device, runtime, dtype, path, urls })
  try {
    const chain =
      graph.output.kind === 'vectors' ? vectorChain(graph) : await readChain(source, tail, graph.width, weightFiles)
    const engine = new TransformersEngine({ graph, chain, weightFiles })
    progress.begin('warm-up')
    await warmUp(engine, choice, head.settings.maxSeqLength)
    const spaceId = await spaceIdOf(chain, head.settings, weightFiles, head.tokenizerBytes)
    return { head, engine, chain, spaceId, reasons: [choice.reason, ...explain(graph, path)], warnings: [] }
  } catch (error) {
    await graph.close()
    throw error
  }
}

async function readChain(
  { folder }: Source,
  tail: readonly ModuleEntry[],
  hiddenSize: number,
  weightFiles: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<PoolingChain> {
  const { weightFiles: tailFiles, ...chain } = await readTail(folder, tail, { hiddenSize, isPooled: false })
  for (const [path, bytes] of tailFiles) weightFiles.set(path, bytes)
  return chain
}

/** The graph did everything itself. */
function vectorChain({ width }: OpenGraph): PoolingChain {
  return { pooling: { modes: [], includePrompt: true }, tail: [], dim: width }
}

function explain({ output, dtype }: OpenGraph, path: string): string[] {
  const reasons = [`dtype ${dtype}, from ${path}`]
  if (output.kind === 'vectors') {
    reasons.push(
      `the graph pools by itself (${output.name}), so the folder's modules after the Transformer were left out`,
    )
  }
  return reasons
}
