import { EmbedderError } from '../../wire/embedder-error.js'
import type { Pointer } from './kernel-exports.js'

/** A cache line: no two buffers share one, and every vector is aligned. */
const ALIGNMENT = 64

/** WebAssembly grows memory by this much. */
export const PAGE_BYTES = 65_536

/** What WebAssembly can address. */
export const MAX_PAGES = 65_536

/**
 * The kernels' memory: weights from the bottom up, which stay, and above them room that is laid out anew for each use.
 *
 * Growing detaches views, so none is kept.
 */
export class KernelMemory {
  /** What the module is instantiated with. */
  readonly memory: WebAssembly.Memory
  /** Nothing lies at 0, which stands for nothing. */
  #end = ALIGNMENT

  /**
   * Takes a memory over.
   *
   * @param memory - A memory without anything in it, or one that another worker has filled: then nothing more may stay.
   */
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory
  }

  /** First byte above what stays. */
  get end(): Pointer {
    return this.#end
  }

  /**
   * Takes room that stays.
   *
   * @param byteLength - Its size.
   * @throws {EmbedderError} `out-of-memory` if there is no more.
   */
  reserve(byteLength: number): Pointer {
    const pointer = this.#end
    this.ensure(pointer + byteLength)
    this.#end = align(pointer + byteLength)
    return pointer
  }

  /**
   * Grows the memory where it is shorter.
   *
   * @param end - Bytes that it must have.
   * @throws {EmbedderError} `out-of-memory` if it cannot.
   */
  ensure(end: number): void {
    const pages = Math.ceil((end - this.memory.buffer.byteLength) / PAGE_BYTES)
    if (pages <= 0) return
    try {
      this.memory.grow(pages)
    } catch (cause) {
      // Another worker that shares it may have been faster.
      if (this.memory.buffer.byteLength >= end) return
      throw new EmbedderError('out-of-memory', `Cannot make room for the model as ${end} bytes are not to be had`, {
        cause,
        details: { sizeBytes: end },
      })
    }
  }

  /** Copies bytes into the memory. */
  write(pointer: Pointer, bytes: Uint8Array): void {
    new Uint8Array(this.memory.buffer).set(bytes, pointer)
  }

  /**
   * Looks at a part of the memory as float32, until it grows.
   *
   * @param pointer - Where it starts.
   * @param length - Numbers.
   * @returns The view.
   */
  floats(pointer: Pointer, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.memory.buffer, pointer, length)
  }

  /**
   * Looks at a part of the memory as int32, until it grows.
   *
   * @param pointer - Where it starts.
   * @param length - Numbers.
   * @returns The view.
   */
  integers(pointer: Pointer, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.memory.buffer, pointer, length)
  }
}

/**
 * Makes a memory for kernels.
 *
 * @param isShared - Whether several workers will use it.
 * @returns The memory, of one page.
 * @throws {RangeError} If the browser does not give it: a shared one takes all that it may ever have of the address space at once.
 */
export function createMemory(isShared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: isShared })
}

/**
 * Rounds up to a cache line.
 *
 * @returns A multiple of 64.
 */
export function align(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT
}
