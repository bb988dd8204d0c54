import { ladderOf, type Ladder, type OnnxRung } from '../certify/device-rungs.js'
import { importEngine } from '../engine/import/import-engine.js'
import type { OpenGraph } from '../engine/transformers/open-graph.js'
import type * as TransformersBundle from '../engine/transformers/transformers-bundle.js'
import type { PoolingChain } from '../model/encoder-spec.js'
import { joinPath } from '../model/configs/inner-path.js'
import type { ModelFolder } from '../model/model-folder.js'
import type { ModuleChain, ModuleEntry } from '../model/configs/modules.js'
import { readOnnxFile } from '../model/weights/onnx-file.js'
import { readModuleChain } from '../model/read-module-chain.js'
import { readOnnxFolder } from '../model/read-onnx-folder.js'
import { readTail } from '../model/read-tail.js'
import { spaceIdOf } from '../model/space-id.js'
import type { DeviceProbe } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'
import { Certifier, goldenFileOf } from '../certify/certifier.js'
import type { LoadParts } from './load-parts.js'
import type { LoadProgress } from './load-progress.js'
import { withModelFiles, type ModelReading } from './model-files.js'
import { makeTokenizer, toRunningModel, type RunningModel, type StartedModel } from '../certify/running-model.js'
import { urlsOf } from './runtime-loader.js'
import { walkLadder, type Walked } from '../certify/walk-ladder.js'

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
  const probe = await parts.probe(request.device)
  const ladder = ladderOf(request, probe)
  // What counts is announced once the files are chosen. The store is open until the end: which files are needed, only the devices that fail tell.
  const { model, history, cache, warnings } = await withModelFiles(
    { request, progress, isExpected: () => false },
    (files) => walk({ request, progress, files, probe, ladder }),
  )
  return toRunningModel(request.model.name, model, { ...history, cache, warnings: [...warnings, ...history.warnings] })
}

interface Load {
  readonly request: LoadRequest
  readonly progress: LoadProgress
  readonly files: ModelReading
  readonly probe: DeviceProbe
  readonly ladder: Ladder
}

async function walk({ request, progress, files, probe, ladder }: Load): Promise<Walked> {
  const { folder } = files
  const golden = files.isStored ? goldenFileOf(request) : undefined
  if (golden !== undefined) folder.prefetch([golden])
  const modules = await readModuleChain(folder)
  const source: Source = { request, progress, files, modules }
  const certifier = new Certifier(request, {
    startReference: async (dtype) => (await start(source, { device: 'wasm', runtime: 'wasm', dtype })).engine,
    readFile: (path) => folder.readText(path),
  })
  try {
    return await walkLadder({
      ladder,
      probe,
      certifier,
      // The ladder of this engine has no other.
      start: (rung) => start(source, rung as OnnxRung),
      onWarmUp: () => {
        progress.begin('warm-up')
      },
    })
  } finally {
    certifier.close()
  }
}

interface Source {
  readonly request: LoadRequest
  readonly progress: LoadProgress
  readonly files: ModelReading
  readonly modules: ModuleChain
}

async function start(
  source: Source,
  { device, runtime, dtype: wanted }: Pick<OnnxRung, 'device' | 'runtime' | 'dtype'>,
): Promise<StartedModel> {
  const { request, progress, files, modules } = source
  const { folder } = files
  const [first, ...tail] = modules
  const { path: prefix } = first
  const urls = urlsOf(request, runtime)
  // Each device gets an instance of its own, as after a failed session one opens no other: the fragment makes another module of the file.
  const importing = importEngine('transformers', `${urls.library}#${device}`) as Promise<typeof TransformersBundle>
  const [file, head, chunk] = await Promise.all([
    // First: it announces the files that count before any of them is read.
    readOnnxFile(folder, prefix, wanted, device),
    readOnnxFolder(folder, first),
    importing,
  ])
  progress.begin('compile')
  const weightFiles = new Map<string, Uint8Array<ArrayBuffer>>()
  const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await folder.read(joinPath(prefix, name))
    weightFiles.set(joinPath(prefix, name), bytes)
    return bytes
  }
  const { dtype, path } = file
  const graph = await chunk.openGraph({ config: head.config, read, chunk, device, runtime, dtype, path, urls })
  try {
    const spec =
      graph.output.kind === 'vectors' ? vectorChain(graph) : await readChain(folder, tail, graph.width, weightFiles)
    const engine = new chunk.TransformersEngine({ graph, chain: spec, weightFiles })
    const { settings, tokenizerPath, ignored } = head
    const digests = {
      weights: await Promise.all([...weightFiles.keys()].map((name) => folder.sha256(name))),
      tokenizer: await folder.sha256(tokenizerPath),
    }
    const spaceId = await spaceIdOf(spec, settings, digests, head.tokenizer)
    // What follows may take long, and end in a crash.
    await files.commit()
    const tokenizer = makeTokenizer(head, head.vocabSize)
    return { engine, tokenizer, spec, settings, spaceId, ignored, reasons: explain(graph, path) }
  } catch (error) {
    await graph.close()
    throw error
  }
}

async function readChain(
  folder: ModelFolder,
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
