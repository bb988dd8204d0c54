import { describe, expect, it } from 'vitest'
import { DistinctPortions } from './distinct-portions.js'

function takeAll(texts: readonly string[]): {
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
    const portion = portions.take((first) => heard.push(first))
    expect(portion.indices.map((index) => texts[index])).toEqual(portion.texts)
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
})
