import { EmbedderError } from '../../wire/embedder-error.js'
import type { Device, Dtype } from '../../wire/protocol.js'
import { ConfigReader } from '../configs/config-reader.js'
import { joinPath } from '../configs/inner-path.js'
import type { ModelFolder } from '../model-folder.js'
import { TOKENIZER } from '../configs/read-texts.js'

/** Files of a folder in the layout of transformers.js. */
const ONNX_FILES: Readonly<Record<Dtype, string>> = {
  fp32: 'onnx/model.onnx',
  fp16: 'onnx/model_fp16.onnx',
  q8: 'onnx/model_quantized.onnx',
  q4: 'onnx/model_q4.onnx',
}

/** What `auto` looks for: the first is what transformers.js takes too. Int8 operators of ONNX files run on no GPU. */
const PREFERENCES: Readonly<Record<Device, readonly [Dtype, ...Dtype[]]>> = {
  wasm: ['q8', 'fp32', 'fp16', 'q4'],
  webgpu: ['fp32', 'fp16', 'q4', 'q8'],
}

/** The ONNX file that was chosen. */
export interface OnnxFile {
  readonly path: string
  readonly dtype: Dtype
}

/**
 * Lists the ONNX files that would do.
 *
 * @param prefix - Folder of the Transformer module.
 * @param wanted - A dtype, or `auto`.
 * @param device - Where it will run.
 * @returns Files, the best first.
 */
export function onnxCandidates(prefix: string, wanted: Dtype | 'auto', device: Device): readonly OnnxFile[] {
  const dtypes = wanted === 'auto' ? PREFERENCES[device] : [wanted]
  return dtypes.map((dtype) => ({ path: joinPath(prefix, ONNX_FILES[dtype]), dtype }))
}

/** More parts than transformers.js opens. */
const MAX_DATA_FILES = 100

/**
 * Lists the files that hold the weights of a graph which are not in it.
 *
 * @param config - config.json.
 * @param path - The ONNX file.
 * @returns Their paths; none for a graph that holds all.
 * @see `resolveExternalDataFormat` and `getExternalDataChunkNames` of transformers.js
 */
export function externalDataOf(config: ConfigReader, path: string): readonly string[] {
  const own = config.values['transformers.js_config']
  const format = (own as { readonly use_external_data_format?: unknown } | null | undefined)?.use_external_data_format
  const byName =
    typeof format === 'object' && format !== null ? (format as Readonly<Record<string, unknown>>) : undefined
  const name = path.slice(path.lastIndexOf('/') + 1)
  const count = Number((byName === undefined ? format : (byName[name] ?? byName['model'])) ?? 0)
  const length = Number.isInteger(count) && count > 0 ? Math.min(count, MAX_DATA_FILES) : 0
  return Array.from({ length }, (_, index) => `${path}_data${index === 0 ? '' : `_${index}`}`)
}

/**
 * Chooses the ONNX file of a folder and reads it, with what lies outside of it.
 *
 * @param folder - The folder; it keeps the bytes for whoever reads the paths again.
 * @param prefix - Folder of the Transformer module.
 * @param wanted - A dtype, or `auto` for the best one that is there.
 * @param device - Where it will run.
 * @throws {EmbedderError} `model-not-found` if there is none, or what fetching throws.
 */
export async function readOnnxFile(
  folder: ModelFolder,
  prefix: string,
  wanted: Dtype | 'auto',
  device: Device,
): Promise<OnnxFile> {
  const candidates = onnxCandidates(prefix, wanted, device)
  folder.announce([joinPath(prefix, TOKENIZER), ...candidates.slice(0, 1).map(({ path }) => path)])
  const configPath = joinPath(prefix, 'config.json')
  // With it, so that the length of the download is not told without what lies outside of the graph.
  const config = ConfigReader.parse(configPath, (await folder.readTextOptional(configPath)) ?? '{}')
  for (const [index, { path, dtype }] of candidates.entries()) {
    const data = externalDataOf(config, path)
    folder.announce([path, ...data])
    if ((await folder.readOptional(path)) !== undefined) {
      await Promise.all(data.map((name) => folder.readOptional(name)))
      return { path, dtype }
    }
    const next = candidates[index + 1]
    for (const name of [path, ...data]) folder.announceInstead(name, next === undefined ? [] : [next.path])
  }
  const paths = candidates.map(({ path }) => path).join(', ')
  throw new EmbedderError(
    'model-not-found',
    `Cannot load ${folder.name} as engine 'transformers' needs one of ${paths}\nExport the model to ONNX, or load it with engine: 'onnx' if it has model.safetensors`,
    { details: { paths } },
  )
}
