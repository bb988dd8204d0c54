import { ladderOf, type OnnxRung } from '../engine/device-rungs.js'
import { loadTransformersChunk } from '../engine/transformers/load-chunk.js'
import { openGraph, type OpenGraph } from '../engine/transformers/open-graph.js'
import { TransformersEngine } from '../engine/transformers/transformers-engine.js'
import { DownloadProgress } from '../model/download-progress.js'
import type { PoolingChain } from '../model/encoder-spec.js'
import { joinPath } from '../model/inner-path.js'
import { ModelFolder } from '../model/model-folder.js'
import { readModules, type ModuleChain, type ModuleEntry } from '../model/modules.js'
import { readOnnxFile } from '../model/onnx-file.js'
import { readOnnxFolder } from '../model/read-onnx-folder.js'
import { readTail } from '../model/read-tail.js'
import { spaceIdOf } from '../model/space-id.js'
import type { LoadRequest } from '../wire/protocol.js'
import { Certifier } from './certifier.js'
import type { LoadParts } from './load-parts.js'
import type { LoadProgress } from './load-progress.js'
import { makeTokenizer, toRunningModel, type RunningModel, type StartedModel } from './running-model.js'
import { urlsOf } from './runtime-loader.js'
import { walkLadder } from './walk-ladder.js'

/**
 * Loads a folder with `onnx/` files on the engine `transformers`, then warms it up and certifies it.
 *
 * @param request - What to load, where to run.
 * @param progress - Told about each phase.
 * @param parts - How adapters are looked for.
 * @returns The running model.
 * @throws {EmbedderError} What reading the folder, choosing the device, opening the graph and comparing its vectors throw.
 */
export async function loadOnnxFolder(
  request: LoadRequest,
  progress: LoadProgress,
  parts: LoadParts,
): Promise<RunningModel> {
  const bytes = new DownloadProgress((totals) => {
    progress.download(totals)
  })
  const folder = new ModelFolder(request.model, bytes, (path) => path === 'tokenizer.json')
  const probe = await parts.probe(request.device)
  const ladder = ladderOf(request, probe)
  const source: Source = {
    request,
    progress,
    folder,
    modules: readModules(await folder.readTextOptional('modules.json')),
  }
  const certifier = new Certifier(request, async (dtype) => {
    return (await start(source, { device: 'wasm', runtime: 'wasm', dtype })).engine
  })
  try {
    const { model, history } = await walkLadder({
      ladder,
      probe,
      certifier,
      // The ladder of this engine has no other.
      start: (rung) => start(source, rung as OnnxRung),
      onWarmUp: () => {
        progress.begin('warm-up')
      },
    })
    return toRunningModel(folder.name, model, history)
  } finally {
    certifier.close()
  }
}

interface Source {
  readonly request: LoadRequest
  readonly progress: LoadProgress
  readonly folder: ModelFolder
  readonly modules: ModuleChain
}

async function start(
  source: Source,
  { device, runtime, dtype: wanted }: Pick<OnnxRung, 'device' | 'runtime' | 'dtype'>,
): Promise<StartedModel> {
  const { request, progress, folder, modules } = source
  const [first, ...tail] = modules
  const { path: prefix } = first
  const urls = urlsOf(request, runtime)
  const [head, chunk, file] = await Promise.all([
    readOnnxFolder(folder, first),
    loadTransformersChunk(urls.library, device),
    readOnnxFile(folder, prefix, wanted, device),
  ])
  progress.begin('compile')
  const weightFiles = new Map<string, Uint8Array<ArrayBuffer>>()
  const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await folder.read(joinPath(prefix, name))
    weightFiles.set(joinPath(prefix, name), bytes)
    return bytes
  }
  const { dtype, path } = file
  const graph = await openGraph({ config: head.config, read, chunk, device, runtime, dtype, path, urls })
  try {
    const spec =
      graph.output.kind === 'vectors' ? vectorChain(graph) : await readChain(source, tail, graph.width, weightFiles)
    const engine = new TransformersEngine({ graph, chain: spec, weightFiles })
    const { settings, tokenizerBytes } = head
    const spaceId = await spaceIdOf(spec, settings, weightFiles, tokenizerBytes)
    return { engine, tokenizer: makeTokenizer(head), spec, settings, spaceId, reasons: explain(graph, path) }
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
