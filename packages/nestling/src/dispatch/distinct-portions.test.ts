import { describe, expect, it } from 'vitest'
import { DistinctPortions } from './distinct-portions.js'

function takeAll(
  texts: readonly string[],
  hosts = 1,
): {
  sent: string[]
  sizes: number[]
  copies: (readonly [number, number])[]
  heard: number[]
} {
  const portions = new DistinctPortions(texts)
  const sent: string[] = []
  const sizes: number[] = []
  const heard: number[] = []
  while (!portions.isEmpty) {
    const portion = portions.take(hosts, (first) => heard.push(first))
    expect(portion.places.map((place) => texts[place])).toEqual(portion.texts)
    sent.push(...portion.texts)
    sizes.push(portion.texts.length)
  }
  return { sent, sizes, copies: [...portions.copies()], heard }
}

describe('DistinctPortions', () => {
  it('sends each text once and knows where its copies are', () => {
    const { sent, copies, heard } = takeAll(['a', 'b', 'a', 'c', 'b', 'a'])
    expect(sent).toEqual(['a', 'b', 'c'])
    expect(copies).toEqual([
      [2, 0],
      [4, 1],
      [5, 0],
    ])
    expect(heard).toEqual([0, 1, 0])
  })

  it('limits texts and units of a portion', () => {
    const many = takeAll(Array.from({ length: 2500 }, (_, index) => `text ${index}`))
    expect(many.sizes).toEqual([1024, 1024, 452])
    const long = takeAll(Array.from({ length: 3 }, (_, index) => String(index).repeat(400_000)))
    expect(long.sizes).toEqual([2, 1])
  })

  it('looks at a limited number of texts at a time, also where all are equal', () => {
    const { sizes, sent } = takeAll(new Array<string>(20_000).fill('same'))
    expect(sizes).toEqual([1, 0, 0])
    expect(sent).toEqual(['same'])
  })

  it('cuts smaller portions for several workers, towards the end the smallest', () => {
    const texts = Array.from({ length: 2000 }, (_, index) => `${index}`.padStart(50, '.'))
    const { sent, sizes } = takeAll(texts, 2)
    expect(sent).toEqual(texts)
    // An eighth of what is left each time, in whole texts, but 700 units at least.
    expect(sizes.slice(0, 3)).toEqual([250, 219, 192])
    expect(sizes.slice(-3, -1)).toEqual([14, 14])
    expect(Math.max(...sizes.slice(0, -1).map((size, index) => (sizes[index + 1] ?? 0) - size))).toBe(0)
    expect(takeAll(texts, 1).sizes).toEqual([1024, 976])
  })
})
