import { EmbedderError } from '../../wire/embedder-error.js'
import type { Slot } from './claim-slot.js'
import type { Pointer } from './kernel-exports.js'
import { MAX_PAGES, PAGE_BYTES, type KernelMemory } from './kernel-memory.js'

/** Workers that may compute in one memory at a time, those included that were ended and run on for a moment. */
export const SLOTS = 64

/** The first page that no room has, then the start and the pages of each slot's room. */
const FREE = 0
const fieldOf = (slot: number): number => 1 + 2 * slot

/** Gives room to compute in; what was given before may be used no more. */
export interface ComputeRoom {
  /**
   * Gives room.
   *
   * @param byteLength - How much.
   * @throws {EmbedderError} `out-of-memory` if there is no more.
   */
  take(byteLength: number): Pointer
}

/** All that lies above the weights: for a memory of one worker. */
export class OwnRoom implements ComputeRoom {
  readonly #memory: KernelMemory

  /**
   * Takes nothing yet.
   *
   * @param memory - The memory, with the weights in it.
   */
  constructor(memory: KernelMemory) {
    this.#memory = memory
  }

  /** {@inheritDoc ComputeRoom.take} */
  take(byteLength: number): Pointer {
    this.#memory.ensure(this.#memory.end + byteLength)
    return this.#memory.end
  }
}

/**
 * A room of one worker in a memory that several share.
 *
 * The room is the slot's, not the worker's: who claims a slot after another has its room, so that workers that are replaced again and
 * again take no more memory. A room that has others behind it is left for one twice as large, so that what is left lying is never more
 * than what is used.
 */
export class ScratchRoom implements ComputeRoom {
  readonly #memory: KernelMemory
  readonly #table: Int32Array
  readonly #field: number

  /**
   * Makes the table of a memory without rooms.
   *
   * @param end - First byte above what stays.
   * @returns The table, for all workers.
   */
  static createTable(end: Pointer): SharedArrayBuffer {
    const table = new SharedArrayBuffer(4 * fieldOf(SLOTS))
    new Int32Array(table)[FREE] = Math.ceil(end / PAGE_BYTES)
    return table
  }

  /**
   * Takes a slot over, with the room that it has.
   *
   * @param slot - The slot, which no one else has.
   */
  constructor(memory: KernelMemory, table: SharedArrayBuffer, slot: Slot) {
    this.#memory = memory
    this.#table = new Int32Array(table)
    this.#field = fieldOf(slot.index)
  }

  /** {@inheritDoc ComputeRoom.take} */
  take(byteLength: number): Pointer {
    const wanted = Math.ceil(byteLength / PAGE_BYTES)
    const start = Atomics.load(this.#table, this.#field)
    const pages = Atomics.load(this.#table, this.#field + 1)
    if (wanted <= pages) return start * PAGE_BYTES
    if (pages > 0 && this.#add(start + pages, wanted - pages)) return this.#note(start, wanted)
    for (;;) {
      const free = Atomics.load(this.#table, FREE)
      const most = Math.max(wanted, Math.min(2 * pages, MAX_PAGES - free))
      if (this.#add(free, most)) return this.#note(free, most)
    }
  }

  /** Takes pages that nobody has, unless another worker took the first of them meanwhile. */
  #add(free: number, pages: number): boolean {
    const end = free + pages
    if (end > MAX_PAGES) throw noRoom(end)
    if (Atomics.compareExchange(this.#table, FREE, free, end) !== free) return false
    try {
      this.#memory.ensure(end * PAGE_BYTES)
    } catch (error) {
      Atomics.compareExchange(this.#table, FREE, end, free)
      throw error
    }
    return true
  }

  #note(start: number, pages: number): Pointer {
    Atomics.store(this.#table, this.#field, start)
    Atomics.store(this.#table, this.#field + 1, pages)
    return start * PAGE_BYTES
  }
}

function noRoom(pages: number): EmbedderError {
  return new EmbedderError('out-of-memory', 'Cannot make room to compute in as WebAssembly addresses no more', {
    details: { sizeBytes: pages * PAGE_BYTES },
  })
}
