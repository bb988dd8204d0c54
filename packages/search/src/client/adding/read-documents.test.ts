import { describe, expect, it } from 'vitest'
import { readDocuments } from './read-documents.js'
import type { IndexDocument } from '../search-index.js'

const read = (documents: unknown): Promise<readonly IndexDocument[]> => readDocuments(documents as IndexDocument[])

describe('readDocuments()', () => {
  it.each([
    ['no list', { 0: { id: 1 } }, /documents must be a list: current value is an object/],
    ['a hole', [{ id: 1 }, null], /documents\[1\] must be an object: current value is null/],
    ['no id', [{ text: 'a' }], /documents\[0\]\.id must be a string or a finite number: current value is undefined/],
    ['a bigint as an id', [{ id: 1 }, { id: 2n }], /documents\[1\]\.id .*: current value is 2n/],
    ['NaN as an id', [{ id: NaN }], /documents\[0\]\.id .*: current value is NaN/],
    ['a date as an id', [{ id: new Date(0) }], /documents\[0\]\.id .*: current value is a Date/],
    ['a text that is null', [{ id: 1, text: null }], /documents\[0\]\.text must be a string: current value is null/],
    [
      'a list as metadata',
      [{ id: 1, metadata: [] }],
      /documents\[0\]\.metadata must be a plain object: .* a list of 0/,
    ],
    [
      'a map as metadata',
      [{ id: 1, metadata: new Map() }],
      /documents\[0\]\.metadata must be a plain object: .* a Map/,
    ],
    [
      'a bigint in metadata',
      [{ id: 1 }, { id: 2, metadata: { tags: ['a', 2n] } }],
      /Cannot add documents as documents\[1\]\.metadata\.tags\[1\] must be what JSON can say: current value is 2n\nKeep/,
    ],
  ])('refuses %s, with its place', async (_, documents, message) => {
    await expect(read(documents)).rejects.toThrow(TypeError)
    await expect(read(documents)).rejects.toThrow(message)
  })

  it('refuses an id that comes twice, -0 beside 0 too, and takes 1 beside "1"', async () => {
    await expect(read([{ id: 'a' }, { id: 1 }, { id: 'a' }])).rejects.toThrow(RangeError)
    await expect(read([{ id: 0 }, { id: -0 }])).rejects.toThrow(/documents\[0\] and documents\[1\] is 0/)
    expect(await read([{ id: 1 }, { id: '1' }, { id: '' }])).toHaveLength(3)
    expect(Object.is((await read([{ id: -0 }]))[0]?.id, 0)).toBe(true)
  })

  it('makes plain copies of reactive documents, and leaves their vectors where they are', async () => {
    const embedding = Float32Array.of(1)
    const documents = new Proxy([new Proxy({ id: 'a', metadata: new Proxy({ tags: ['b'] }, {}), embedding }, {})], {})
    const [document] = await read(documents)
    expect(structuredClone(document)).toEqual({ id: 'a', text: undefined, metadata: { tags: ['b'] }, embedding })
    expect(document?.embedding).toBe(embedding)
    documents[0]?.metadata.tags.push('c')
    expect(document?.metadata).toEqual({ tags: ['b'] })
  })

  it('lets others run while it reads many', async () => {
    const metadata = { list: Array.from({ length: 1000 }, (_, place) => place) }
    const documents = Array.from({ length: 1000 }, (_, id) => ({ id, metadata }))
    let ticks = 0
    const timer = setInterval(() => ticks++)
    await read(documents)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(2)
  })
})
