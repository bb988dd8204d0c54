/** Compiles kernels, each once. */
export class GpuPipelines {
  readonly #device: GPUDevice
  readonly #layouts = new Map<string, GPUBindGroupLayout>()
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>()

  constructor(device: GPUDevice) {
    this.#device = device
  }

  /**
   * Gives the layout of what a kernel is bound to: what a run is told, its parameters, then these.
   *
   * @param isWritten - Of each binding.
   */
  layoutOf(isWritten: readonly boolean[]): GPUBindGroupLayout {
    const key = isWritten.map(Number).join('')
    let layout = this.#layouts.get(key)
    if (layout === undefined) {
      const types = ['read-only-storage', 'uniform', ...isWritten.map((is) => (is ? 'storage' : 'read-only-storage'))]
      layout = this.#device.createBindGroupLayout({
        entries: types.map((type, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: type as GPUBufferBindingType, hasDynamicOffset: false },
        })),
      })
      this.#layouts.set(key, layout)
    }
    return layout
  }

  /**
   * Compiles a kernel, unless that was begun before.
   *
   * @param label - Names it in errors.
   * @param code - WGSL.
   * @throws {GPUPipelineError} If the browser refuses it.
   */
  compile(label: string, code: string, isWritten: readonly boolean[]): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(code)
    if (pipeline === undefined) {
      const layout = this.#device.createPipelineLayout({ bindGroupLayouts: [this.layoutOf(isWritten)] })
      const module = this.#device.createShaderModule({ label, code })
      pipeline = this.#device.createComputePipelineAsync({ label, layout, compute: { module } })
      // Whoever needs it hears of it.
      pipeline.catch(() => undefined)
      this.#pipelines.set(code, pipeline)
    }
    return pipeline
  }
}
