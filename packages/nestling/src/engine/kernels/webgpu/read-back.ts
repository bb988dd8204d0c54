/** Buffers through which results come back: one for each batch in flight, used again. */
export class ReadBacks {
  readonly #device: GPUDevice
  readonly #free: GPUBuffer[] = []

  /** Starts without any. */
  constructor(device: GPUDevice) {
    this.#device = device
  }

  /**
   * Reads what the GPU has computed.
   *
   * @param byteLength - Of the result.
   * @param submit - Submits work that copies the result to the start of the buffer.
   * @param take - Copies what it is given: the memory is gone afterwards.
   */
  async read(
    byteLength: number,
    submit: (target: GPUBuffer) => void,
    take: (values: Float32Array) => void,
  ): Promise<void> {
    const buffer = this.#take(byteLength)
    try {
      submit(buffer)
      await buffer.mapAsync(GPUMapMode.READ, 0, byteLength)
      take(new Float32Array(buffer.getMappedRange(0, byteLength)))
      buffer.unmap()
    } catch (error) {
      buffer.destroy()
      throw error
    }
    this.#free.push(buffer)
  }

  #take(byteLength: number): GPUBuffer {
    const found = this.#free.findIndex(({ size }) => size >= byteLength)
    if (found >= 0) return this.#free.splice(found, 1)[0] as GPUBuffer
    for (const buffer of this.#free.splice(0)) buffer.destroy()
    const size = 2 ** Math.ceil(Math.log2(Math.max(byteLength, SMALLEST)))
    const { COPY_DST, MAP_READ } = GPUBufferUsage
    return this.#device.createBuffer({ label: 'read back', size, usage: COPY_DST | MAP_READ })
  }
}

/** Bytes; fewer would have to grow at once. */
const SMALLEST = 4096
