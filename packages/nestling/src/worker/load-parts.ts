import { probeDevice } from '../engine/device-probe.js'
import { attachKernelsEngine, createKernelsEngine } from '../engine/kernels/kernels-engine.js'
import { createWebGpuKernels } from '../engine/kernels/webgpu/create-webgpu-kernels.js'
import type { createOnnxEngine, OnnxEngineOptions } from '../engine/onnx/onnx-engine.js'
import type { Engine } from '../engine/engine.js'

/** Parts of a load that a test replaces by ones that fail on purpose. */
export interface LoadParts {
  /** Makes the engine `onnx`, by what came with its runtime. */
  readonly createEngine: (options: OnnxEngineOptions, create: typeof createOnnxEngine) => Promise<Engine>
  /** Makes the engine `kernels`. */
  readonly createKernels: typeof createKernelsEngine
  /** Makes the engine `kernels` on WebGPU. */
  readonly createGpuKernels: typeof createWebGpuKernels
  /** Makes the engine `kernels` on weights of another worker. */
  readonly attachKernels: typeof attachKernelsEngine
  /** Finds out what this place can compute with. */
  readonly probe: typeof probeDevice
}

/** What every load uses. */
export const LOAD_PARTS: LoadParts = {
  createEngine: (options, create) => create(options),
  createKernels: createKernelsEngine,
  createGpuKernels: createWebGpuKernels,
  attachKernels: attachKernelsEngine,
  probe: probeDevice,
}
