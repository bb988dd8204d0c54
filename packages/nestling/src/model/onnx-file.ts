import { EmbedderError } from '../wire/embedder-error.js'
import type { Device, Dtype } from '../wire/protocol.js'
import type { ModelFolder } from './model-folder.js'
import { joinPath } from './inner-path.js'

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
 * Chooses the ONNX file of a folder and reads it.
 *
 * @param folder - The folder; it keeps the bytes for whoever reads the path again.
 * @param prefix - Folder of the Transformer module.
 * @param wanted - A dtype, or `auto` for the best one that is there.
 * @param device - Where it will run.
 * @returns The file.
 * @throws {EmbedderError} `model-not-found` if there is none, or what fetching throws.
 */
export async function readOnnxFile(
  folder: ModelFolder,
  prefix: string,
  wanted: Dtype | 'auto',
  device: Device,
): Promise<OnnxFile> {
  const dtypes = wanted === 'auto' ? PREFERENCES[device] : [wanted]
  for (const dtype of dtypes) {
    const path = joinPath(prefix, ONNX_FILES[dtype])
    if ((await folder.readOptional(path)) !== undefined) return { path, dtype }
  }
  const paths = dtypes.map((dtype) => joinPath(prefix, ONNX_FILES[dtype])).join(', ')
  throw new EmbedderError(
    'model-not-found',
    `Cannot load ${folder.name} as engine 'transformers' needs one of ${paths}\nExport the model to ONNX, or load it with engine: 'onnx' if it has model.safetensors`,
    { details: { paths } },
  )
}
