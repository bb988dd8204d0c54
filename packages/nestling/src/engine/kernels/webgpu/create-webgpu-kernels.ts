import type { EncoderSpec } from '../../../model/encoder-spec.js'
import { EmbedderError } from '../../../wire/embedder-error.js'
import type { Engine } from '../../engine.js'
import { createGpuDevice } from '../../gpu-device.js'
import { chooseTiles } from './choose-tiles.js'
import { encoderProgram } from './encoder-steps.js'
import { inErrorScopes } from './error-scopes.js'
import { GpuPipelines } from './gpu-pipelines.js'
import { GpuWeights } from './gpu-weights.js'
import { ProgramRunner } from './program-runner.js'
import type { WeightKind } from './shaders/product.js'
import { SOFTWARE_TILES, tilesOf } from './tiles.js'
import { MAX_TOKENS, WebGpuEngine } from './webgpu-engine.js'

/** What the layers' weights are in GPU memory. */
export type GpuDtype = WeightKind

/** What an engine is made of. */
export interface WebGpuKernelsOptions {
  readonly spec: EncoderSpec
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  /** `auto` is `q8` where the layers' weights are stored in int8, else `fp32`. */
  readonly dtype: GpuDtype | 'auto'
  /** How products are cut, as an engine on the same adapter said; found out when left out. */
  readonly tile?: string | undefined
  /** Where adapters come from; what this place has when left out. */
  readonly gpu?: GPU | undefined
}

/**
 * Makes an engine that runs an encoder on our own kernels for WebGPU.
 *
 * @param options - Encoder and weights.
 * @throws {EmbedderError} `webgpu-unavailable` if there is no device, or `fp16` is asked for and the adapter has no `shader-f16`;
 * `out-of-memory` if there is no room for the weights; `run-failed` if the GPU refuses something.
 */
export async function createWebGpuKernels(options: WebGpuKernelsOptions): Promise<Engine> {
  const { spec, weightFiles } = options
  const dtype = options.dtype === 'auto' ? autoDtype(spec) : options.dtype
  const features: GPUFeatureName[] = dtype === 'fp16' ? ['shader-f16'] : []
  const { device, adapter } = await createGpuDevice({ gpu: options.gpu, features })
  try {
    if (!features.every((feature) => device.features.has(feature))) throw noFloat16()
    const weights = new GpuWeights(device, weightFiles)
    const pipelines = new GpuPipelines(device)
    const known = options.tile ?? (adapter.info.isFallbackAdapter ? SOFTWARE_TILES : undefined)
    const found = known === undefined ? undefined : tilesOf(known)
    const tile =
      known !== undefined && found !== undefined ? known : await chooseTiles({ device, pipelines, spec, kind: dtype })
    const tiles = found ?? tilesOf(tile)
    if (tiles === undefined) throw new Error(`Cannot read tiles of ${tile}`)
    let runner: ProgramRunner | undefined
    await inErrorScopes(device, () => {
      const program = encoderProgram({ spec, weights, kind: dtype, tiles })
      runner = new ProgramRunner({ device, pipelines, program, spec, maxRows: MAX_TOKENS })
    })
    if (runner === undefined) throw new Error('Cannot run an encoder as it has no program')
    return new WebGpuEngine({ device, spec, weights, runner, dtype, tile })
  } catch (error) {
    device.destroy()
    throw error
  }
}

/** Float32 weights stay what they are: quantising them is for those who ask for it. */
function autoDtype({ layers }: EncoderSpec): GpuDtype {
  return layers.some(({ feedForward }) => feedForward.up.weight.dtype === 'I8') ? 'q8' : 'fp32'
}

function noFloat16(): EmbedderError {
  return new EmbedderError(
    'webgpu-unavailable',
    "Cannot load on WebGPU in fp16 as the adapter has no shader-f16\nLoad with dtype: 'auto'",
  )
}
