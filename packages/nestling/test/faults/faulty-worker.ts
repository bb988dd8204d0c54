import { probeDevice } from '../../src/engine/device-probe.js'
import { attachKernelsEngine, createKernelsEngine } from '../../src/engine/kernels/kernels-engine.js'
import { createWebGpuKernels } from '../../src/engine/kernels/webgpu/create-webgpu-kernels.js'
import { createOnnxEngine } from '../../src/engine/onnx/onnx-engine.js'
import { EmbedderError } from '../../src/wire/embedder-error.js'
import type { HostEvent, LoadedModel, LoadRequest } from '../../src/wire/protocol.js'
import { exposeHost } from '../../src/wire/transfer-handlers.js'
import { Host } from '../../src/worker/host.js'
import type { LoadParts } from '../../src/worker/load-parts.js'
import { readFaultPlan } from './fault-plan.js'
import { FaultyEngine } from './faulty-engine.js'
import { block, never, rememberDevices, RunFaults, throwUncaught } from './run-faults.js'

const plan = readFaultPlan(globalThis.location.search)
const runs = new RunFaults(plan)

const parts: LoadParts = {
  createEngine: async (options) => {
    await failLoad()
    // Where no adapter has shader-f16, the rung is walked with float32 that says it is float16.
    const computed = plan.isFloat16 ? 'fp16' : 'fp32'
    const engine = await createOnnxEngine({ ...options, dtype: computed })
    return new FaultyEngine(engine, { plan, runs }, plan.isFloat16 ? 'fp16' : options.dtype)
  },
  createKernels: async (options) => {
    await failLoad()
    return new FaultyEngine(await createKernelsEngine(options), { plan, runs })
  },
  createGpuKernels: async (options) => {
    await failLoad()
    // Where no adapter has shader-f16, the rung is walked with float32 that says it is float16.
    const isHalf = options.dtype === 'fp16'
    const engine = await createWebGpuKernels({ ...options, dtype: isHalf ? 'fp32' : options.dtype })
    return new FaultyEngine(engine, { plan, runs }, isHalf ? 'fp16' : engine.dtype)
  },
  attachKernels: async (options) => {
    await failLoad()
    return new FaultyEngine(await attachKernelsEngine(options), { plan, runs })
  },
  probe: async (device) => {
    const probe = await probeDevice(device === 'auto' ? 'webgpu' : device)
    if (!plan.isHardware) return probe
    return { ...probe, webgpu: { ...probe.webgpu, isFallbackAdapter: false, hasShaderF16: true } }
  },
}

async function failLoad(): Promise<void> {
  if (plan.load === 'session') throw new EmbedderError('run-failed', 'Cannot make a session, on purpose')
  if (plan.load === 'out-of-memory') throw new EmbedderError('out-of-memory', 'Cannot make an engine, on purpose')
  if (plan.load === 'block') block()
  if (plan.load === 'uncaught') throwUncaught()
  if (plan.load !== undefined) await never()
}

/** Arms the faults of runs once the model is there. */
class FaultyHost extends Host {
  override async load(request: LoadRequest, onEvent: (event: HostEvent) => void): Promise<LoadedModel> {
    const loaded = await super.load(request, onEvent)
    runs.isArmed = true
    return loaded
  }
}

if (plan.isQuotaExceeded) {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('full, on purpose', 'QuotaExceededError')
  }
}
rememberDevices()
exposeHost(new FaultyHost(parts))
