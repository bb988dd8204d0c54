/** What a GPU is made to do wrong. */
export interface GpuFaults {
  /** Bytes that a buffer or a binding may have, in place of the adapter's. */
  readonly maxBytes?: number
  /** Told of each device. */
  readonly onDevice?: (device: GPUDevice) => void
  /** Whether a buffer of so many bytes fails as if memory were full. */
  readonly isFull?: (size: number) => boolean
}

/**
 * Wraps WebGPU, so that what is made through it goes wrong on purpose; all else is the real thing.
 *
 * @param gpu - The real one.
 */
export function faultyGpu(gpu: GPU, faults: GpuFaults): GPU {
  return wrapped(gpu, {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await gpu.requestAdapter(options)
      return adapter === null ? null : faultyAdapter(adapter, faults)
    },
  })
}

function faultyAdapter(adapter: GPUAdapter, { maxBytes, onDevice, isFull = () => false }: GpuFaults): GPUAdapter {
  return wrapped(adapter, {
    requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
      const device = await adapter.requestDevice(descriptor)
      onDevice?.(device)
      const limits =
        maxBytes === undefined
          ? device.limits
          : wrapped(device.limits, { maxBufferSize: maxBytes, maxStorageBufferBindingSize: maxBytes })
      let isOut = false
      return wrapped(device, {
        limits,
        createBuffer: (buffer: GPUBufferDescriptor) => {
          if (!isFull(buffer.size)) return device.createBuffer(buffer)
          isOut = true
          // An invalid buffer, as a full memory gives one; that it is too large is nobody's business.
          device.pushErrorScope('validation')
          const made = device.createBuffer({ ...buffer, size: 2 ** 50 })
          void device.popErrorScope()
          return made
        },
        popErrorScope: async () => {
          const error = await device.popErrorScope()
          if (!isOut) return error
          isOut = false
          return new GPUOutOfMemoryError('full, on purpose')
        },
      })
    },
  })
}

/** The same object with some of its members replaced. */
function wrapped<T extends object>(target: T, members: object): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(members, name)) return (members as Record<string | symbol, unknown>)[name]
      const value = (target as Record<string | symbol, unknown>)[name]
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
    set: (_, name, value) => Reflect.set(target, name, value),
  })
}
