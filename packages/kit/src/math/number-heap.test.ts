import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberHeap } from './number-heap.js'

type Entry = readonly [key: number, value: number]

const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -9, max: 9 })))
const inOrder = (list: readonly Entry[]): Entry[] => list.toSorted(([a, x], [b, y]) => a - b || x - y)

function filled(list: readonly Entry[]): NumberHeap {
  const heap = new NumberHeap()
  for (const [key, value] of list) heap.push(key, value)
  return heap
}

function drained(heap: NumberHeap): Entry[] {
  const list: Entry[] = []
  while (heap.size > 0) {
    list.push([heap.leastKey, heap.leastValue])
    heap.pop()
  }
  return list
}

describe('NumberHeap', () => {
  it('gives back the least key first, and of equal keys the least value', () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(drained(filled(list))).toEqual(inOrder(list))
      }),
    )
  })

  it('puts others in the place of the least', () => {
    fc.assert(
      fc.property(entries, entries, (list, others) => {
        fc.pre(list.length > 0)
        const heap = filled(list)
        let expected = inOrder(list)
        for (const [key, value] of others) {
          expect([heap.leastKey, heap.leastValue]).toEqual(expected[0])
          heap.replace(key, value)
          expected = inOrder([...expected.slice(1), [key, value]])
        }
        expect(drained(heap)).toEqual(expected)
      }),
    )
  })

  it('is empty before and after', () => {
    const heap = new NumberHeap()
    heap.pop()
    expect(heap.size).toBe(0)
    heap.push(3, 4)
    heap.pop()
    expect(heap.size).toBe(0)
  })
})
