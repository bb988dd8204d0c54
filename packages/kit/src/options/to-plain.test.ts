import { reactive, readonly, ref, shallowReactive } from '@vue/reactivity'
import { describe, expect, it } from 'vitest'
import { toPlain } from './to-plain.js'

/** A proxy of everything below, as Svelte's `$state` is of objects and lists. */
function deepProxy<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (from, key, receiver) => {
      const value: unknown = Reflect.get(from, key, receiver)
      return typeof value === 'object' && value !== null ? deepProxy(value) : value
    },
  })
}

const DATA = { tag: 'a', list: [1, [true, null]], inner: { at: { deep: undefined } } }

describe('toPlain()', () => {
  it.each([
    ['reactive', reactive(structuredClone(DATA))],
    ['readonly', readonly(structuredClone(DATA))],
    ['a ref', ref(structuredClone(DATA)).value],
    ['reactive below', { ...DATA, inner: reactive(structuredClone(DATA.inner)) }],
    ['a shallow one with proxies in it', shallowReactive({ ...DATA, list: reactive([1, [true, null]]) })],
    ['a deep proxy', deepProxy(structuredClone(DATA))],
  ])('copies plain data out of what a framework made %s', (_, value) => {
    expect(() => structuredClone(value)).toThrow(/could not be cloned/)
    const plain = toPlain('search', 'filter', value)
    expect(structuredClone(plain)).toEqual(DATA)
  })

  it('copies fields of an instance, and what a clone keeps whole', () => {
    class Tagged {
      readonly tag = 'a'
      get size(): number {
        return 1
      }
    }
    const at = new Date(5)
    expect(toPlain('search', 'filter', { of: new Tagged(), at, ids: new Set([1]) })).toEqual({
      of: { tag: 'a' },
      at,
      ids: new Set([1]),
    })
    expect(toPlain('search', 'filter', reactive(new Tagged()))).toEqual({ tag: 'a' })
    expect(toPlain('search', 'filter', reactive({}))).toEqual({})
  })

  it.each<[string, unknown, string]>([
    ['a function', { a: [{ b: () => 1 }] }, 'filter.a[0].b must be plain data'],
    ['a symbol', { a: Symbol('x') }, 'filter.a must be plain data'],
    ['a proxy of a date', { at: new Proxy(new Date(), {}) }, 'filter.at must be plain data, and no proxy'],
    ['a promise', { a: Promise.resolve() }, 'filter.a must be plain data'],
  ])('names the place of %s', (_, value, words) => {
    expect(() => toPlain('search', 'filter', value)).toThrow(TypeError)
    expect(() => toPlain('search', 'filter', value)).toThrow(words)
  })

  it('names the place of a cycle, and takes what comes twice', () => {
    const inner: Record<string, unknown> = {}
    inner['self'] = inner
    expect(() => toPlain('search', 'filter', { inner })).toThrow('filter.inner.self must be plain data without a cycle')
    const twice = { x: 1 }
    expect(toPlain('search', 'filter', { a: twice, b: twice })).toEqual({ a: { x: 1 }, b: { x: 1 } })
  })
})
