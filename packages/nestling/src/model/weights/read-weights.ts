import { EmbedderError } from '../../wire/embedder-error.js'
import { ConfigReader } from '../configs/config-reader.js'
import type { ModelFolder } from '../model-folder.js'
import { isInsideFolder, joinPath } from '../configs/inner-path.js'

/** The safetensors files of one module: one file, or all shards of an index. */
export interface WeightFiles {
  /** What messages name: the file, or the index. */
  readonly path: string
  /** Bytes by path in the folder, in the order of the paths. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/** The file that most modules keep their weights in. */
export const WEIGHTS = 'model.safetensors'
/** Names the shards of larger ones. */
export const WEIGHTS_INDEX: string = `${WEIGHTS}.index.json`
const PICKLE = 'pytorch_model.bin'
/** What most exports to ONNX have. */
const ONNX_FILES = ['onnx/model.onnx', 'onnx/model_quantized.onnx']

/** More shards than any model that a page can hold: the hub's largest files have 5 GB each. */
const MAX_SHARDS = 256

/**
 * Reads the weights of a module, whole or in shards.
 *
 * @returns The files.
 * @throws {EmbedderError} `model-not-found` if there are none, `weights-missing` if only a pickle or ONNX files are there, `model-invalid` if the index is broken, or what fetching throws.
 * @see `transformers.utils.hub.get_checkpoint_shard_files`
 */
export async function readWeights(folder: ModelFolder, modulePath: string): Promise<WeightFiles> {
  const path = joinPath(modulePath, WEIGHTS)
  const bytes = await folder.readOptional(path)
  if (bytes !== undefined) return { path, files: new Map([[path, bytes]]) }
  const indexPath = joinPath(modulePath, WEIGHTS_INDEX)
  const index = await folder.readTextOptional(indexPath)
  if (index === undefined) throw await noWeights(folder, modulePath)
  const paths = listShards(indexPath, index).map((name) => joinPath(modulePath, name))
  folder.announceInstead(path, paths)
  const shards = await Promise.all(
    paths.map(async (shard): Promise<[string, Uint8Array<ArrayBuffer>]> => [shard, await folder.read(shard)]),
  )
  return { path: indexPath, files: new Map(shards) }
}

/** PyTorch's own file is a pickle: code that runs when it is read. It is never loaded, only named. */
async function noWeights(folder: ModelFolder, modulePath: string): Promise<EmbedderError> {
  const path = joinPath(modulePath, WEIGHTS)
  const refusal = folder.refusalOf(path)
  if (refusal !== undefined) return refusedWeights(folder, refusal, joinPath(modulePath, WEIGHTS_INDEX))
  for (const name of [PICKLE, `${PICKLE}.index.json`]) {
    if (!(await folder.exists(joinPath(modulePath, name)))) continue
    return new EmbedderError(
      'weights-missing',
      `Cannot load ${path} as ${folder.name} has its weights in ${PICKLE} alone\nConvert them once in Python: model.save_pretrained(path, safe_serialization=True)`,
      { details: { path, found: name } },
    )
  }
  for (const name of ONNX_FILES) {
    if (!(await folder.exists(joinPath(modulePath, name)))) continue
    return new EmbedderError(
      'weights-missing',
      `Cannot load ${path} as ${folder.name} has its weights in ${name} alone\nLoad it with engine: 'transformers' of nestling/onnx, which runs ONNX files`,
      { details: { path, found: name } },
    )
  }
  return new EmbedderError(
    'model-not-found',
    `Cannot load ${path} as ${folder.name} has neither it nor ${WEIGHTS_INDEX}`,
    {
      details: { path },
    },
  )
}

/** A server that refuses what it has not got cannot be told from one that refuses what it has. */
function refusedWeights(folder: ModelFolder, refusal: EmbedderError, indexPath: string): EmbedderError {
  if (folder.isOnHub || folder.refusalOf(indexPath) === undefined) return refusal
  const { path = null, url = null, status = null } = refusal.details
  return new EmbedderError(
    'weights-missing',
    `Cannot load ${String(path)} from ${String(url)} as the server answered with status ${String(status)} for it and for ${indexPath}\nUpload the weights, or allow that they are read: storage such as S3 answers so for both`,
    { cause: refusal, details: { path, url, status } },
  )
}

/**
 * Lists the shards that an index names; which tensor lies where, their own headers say.
 *
 * @param path - Path of the index, for messages.
 * @returns Their names, from the folder of the index on.
 * @throws {EmbedderError} `model-invalid` if it is broken.
 */
export function listShards(path: string, text: string): string[] {
  const { weight_map: map } = ConfigReader.parse(path, text).values
  const invalid = (rule: string): EmbedderError =>
    new EmbedderError('model-invalid', `Cannot read ${path} as weight_map must name ${rule}`, { details: { path } })
  const isMap = typeof map === 'object' && map !== null && !Array.isArray(map)
  const names = isMap ? [...new Set<unknown>(Object.values(map))] : []
  if (names.length === 0 || names.length > MAX_SHARDS) {
    throw invalid(`1 to ${MAX_SHARDS} files: current count is ${names.length}`)
  }
  const isShard = (name: unknown): name is string =>
    typeof name === 'string' && name.endsWith('.safetensors') && isInsideFolder(name)
  const wrong = names.find((name) => !isShard(name))
  if (wrong !== undefined || !names.every(isShard)) {
    throw invalid(`safetensors files inside the folder: current value is ${JSON.stringify(wrong)}`)
  }
  return names.sort()
}
