import { describe, expect, it } from 'vitest'
import { createMemory, KernelMemory, MAX_PAGES, PAGE_BYTES } from './kernel-memory.js'
import { OwnRoom, ScratchRoom, SLOTS } from './scratch-room.js'

const WEIGHT_BYTES = 3 * PAGE_BYTES + 64

/** A memory with weights, and its table of rooms. */
class Bench {
  readonly memory = new KernelMemory(createMemory(true))
  readonly table: SharedArrayBuffer

  constructor() {
    this.memory.reserve(WEIGHT_BYTES)
    this.table = ScratchRoom.createTable(this.memory.end)
  }

  room(index: number): ScratchRoom {
    // As another worker sees it.
    const memory = new KernelMemory(this.memory.memory)
    return new ScratchRoom(memory, this.table, { index, release: () => undefined })
  }

  get sizeBytes(): number {
    return this.memory.memory.buffer.byteLength
  }
}

describe('rooms in a shared memory', () => {
  it('lie above the weights, and none over another, whoever needs more', () => {
    const bench = new Bench()
    const rooms = [0, 1, 2].map((index) => ({ room: bench.room(index), start: 0, end: 0 }))
    for (let turn = 0; turn < 60; turn++) {
      const used = rooms[(turn * 7) % 3] as (typeof rooms)[number]
      const byteLength = 1 + ((turn * 48_271) % (PAGE_BYTES * (1 + (turn % 20))))
      used.start = used.room.take(byteLength)
      used.end = used.start + byteLength
      const ranges = rooms.filter(({ end }) => end > 0).sort((a, b) => a.start - b.start)
      expect(ranges[0]?.start).toBeGreaterThanOrEqual(WEIGHT_BYTES)
      for (const [index, { end }] of ranges.entries()) {
        expect(end).toBeLessThanOrEqual(ranges[index + 1]?.start ?? bench.sizeBytes)
      }
    }
  })

  it('stay where they are as long as they are large enough', () => {
    const room = new Bench().room(0)
    const start = room.take(10 * PAGE_BYTES)
    expect(room.take(1)).toBe(start)
    expect(room.take(10 * PAGE_BYTES)).toBe(start)
  })

  it('grow in place where nothing is behind them', () => {
    const bench = new Bench()
    const room = bench.room(0)
    const start = room.take(PAGE_BYTES)
    for (let pages = 2; pages < 40; pages++) expect(room.take(pages * PAGE_BYTES)).toBe(start)
    expect(bench.sizeBytes).toBe(start + 39 * PAGE_BYTES)
  })

  it('go to whoever has the slot next, so that replaced workers take no more', () => {
    const bench = new Bench()
    const other = bench.room(1)
    const start = bench.room(0).take(8 * PAGE_BYTES)
    other.take(8 * PAGE_BYTES)
    const { sizeBytes } = bench
    for (let worker = 0; worker < 100; worker++) expect(bench.room(0).take(8 * PAGE_BYTES)).toBe(start)
    expect(bench.sizeBytes).toBe(sizeBytes)
  })

  it('leave no more lying than they use, when two workers outgrow each other in turn', () => {
    const bench = new Bench()
    const rooms = [bench.room(0), bench.room(1)]
    for (let pages = 1; pages <= 500; pages++) for (const room of rooms) room.take(pages * PAGE_BYTES)
    // Two rooms, at most twice as large as needed, and what they left.
    expect(bench.sizeBytes / PAGE_BYTES).toBeLessThan(2 * 4 * 500)
  })

  it('end with WebAssembly, and what does not fit takes nothing from others', () => {
    const bench = new Bench()
    const room = bench.room(0)
    expect(() => room.take(MAX_PAGES * PAGE_BYTES)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(room.take(PAGE_BYTES)).toBe(4 * PAGE_BYTES)
    expect(bench.room(SLOTS - 1).take(PAGE_BYTES)).toBe(5 * PAGE_BYTES)
  })
})

it('a memory of one worker has its room right above the weights', () => {
  const memory = new KernelMemory(createMemory(false))
  memory.reserve(WEIGHT_BYTES)
  const room = new OwnRoom(memory)
  expect(room.take(100)).toBe(memory.end)
  expect(room.take(10 * PAGE_BYTES)).toBe(memory.end)
  expect(memory.memory.buffer.byteLength).toBeGreaterThanOrEqual(memory.end + 10 * PAGE_BYTES)
})
