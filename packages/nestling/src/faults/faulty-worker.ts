import { probeDevice } from '../engine/device-probe.js'
import { createOnnxEngine } from '../engine/onnx/onnx-engine.js'
import type { LoadParts } from '../worker/load-parts.js'
import { Host } from '../worker/host.js'
import { exposeHost } from '../wire/transfer-handlers.js'
import { readFaultPlan } from './fault-plan.js'
import { FaultyEngine } from './faulty-engine.js'

const plan = readFaultPlan(globalThis.location.search)

const parts: LoadParts = {
  createEngine: async (options) => {
    // Where no adapter has shader-f16, the rung is walked with float32 that says it is float16.
    const computed = plan.isFloat16 ? 'fp16' : 'fp32'
    const engine = await createOnnxEngine({ ...options, dtype: computed })
    return new FaultyEngine(engine, plan, plan.isFloat16 ? 'fp16' : options.dtype)
  },
  probe: async (device) => {
    const probe = await probeDevice(device === 'auto' ? 'webgpu' : device)
    if (!plan.isHardware) return probe
    return { ...probe, webgpu: { ...probe.webgpu, isFallbackAdapter: false, hasShaderF16: true } }
  },
}

exposeHost(new Host(parts))
