import { probeDevice } from '../engine/device-probe.js'
import { attachKernelsEngine, createKernelsEngine } from '../engine/kernels/kernels-engine.js'
import { createWebGpuKernels } from '../engine/kernels/webgpu/create-webgpu-kernels.js'
import { createOnnxEngine } from '../engine/onnx/onnx-engine.js'

/** Parts of a load that a test replaces by ones that fail on purpose. */
export interface LoadParts {
  /** Makes the engine `onnx`. */
  readonly createEngine: typeof createOnnxEngine
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
  createEngine: createOnnxEngine,
  createKernels: createKernelsEngine,
  createGpuKernels: createWebGpuKernels,
  attachKernels: attachKernelsEngine,
  probe: probeDevice,
}
