import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { checkKeys, checkOneOf, checkPositiveInteger, checkSignal, checkType } from './check-options.js'

/** A signal as another frame makes it: it has the members, and no class of this realm. */
function foreignSignal(signal: AbortSignal): AbortSignal {
  const code = `({
    get aborted() { return signal.aborted },
    get reason() { return signal.reason },
    addEventListener: (...args) => signal.addEventListener(...args),
    removeEventListener: (...args) => signal.removeEventListener(...args),
    throwIfAborted: () => signal.throwIfAborted(),
  })`
  return runInNewContext(code, { signal }) as AbortSignal
}

describe('checkOneOf()', () => {
  it('gives the value, and nothing for none: the default is the caller’s', () => {
    expect(checkOneOf('load', 'device', 'wasm', ['auto', 'wasm'])).toBe('wasm')
    expect(checkOneOf('load', 'device', undefined, ['auto', 'wasm'])).toBeUndefined()
  })

  it.each([null, 'WASM', ['auto'], { toString: () => 'auto' }])('refuses %s', (value) => {
    expect(() => checkOneOf('load', 'device', value, ['auto', 'wasm'])).toThrow(TypeError)
    expect(() => checkOneOf('load', 'device', value, ['auto', 'wasm'])).toThrow(
      /^Cannot load as device must be one of auto, wasm: current value is /,
    )
  })
})

describe('checkSignal()', () => {
  it('takes a signal of this realm and of another, and no signal', () => {
    const { signal } = new AbortController()
    expect(checkSignal('load', signal)).toBe(signal)
    const foreign = foreignSignal(signal)
    expect(foreign).not.toBeInstanceOf(AbortSignal)
    expect(checkSignal('load', foreign)).toBe(foreign)
    expect(checkSignal('load', undefined)).toBeUndefined()
  })

  it.each(['aborted', 'reason', 'addEventListener', 'removeEventListener', 'throwIfAborted'])(
    'refuses what has no %s, which is used of one',
    (member) => {
      const part = foreignSignal(new AbortController().signal)
      Reflect.deleteProperty(part, member)
      expect(() => checkSignal('load', part)).toThrow('Cannot load as signal must be an AbortSignal: current value is')
    },
  )

  it.each([null, true, () => undefined, new AbortController()])('refuses %s', (value) => {
    expect(() => checkSignal('load', value as unknown as AbortSignal)).toThrow(TypeError)
  })
})

describe('checkType()', () => {
  it('tells types by their words', () => {
    const call = (value: unknown, type: 'string' | 'boolean' | 'function') => () => checkType('load', 'x', value, type)
    expect(call('a', 'string')()).toBe('a')
    expect(call(undefined, 'string')()).toBeUndefined()
    expect(call(1, 'string')).toThrow('Cannot load as x must be a string: current value is 1')
    expect(call(0, 'boolean')).toThrow('Cannot load as x must be true or false: current value is 0')
    expect(call({}, 'function')).toThrow('Cannot load as x must be a function: current value is an object')
    const list = { words: 'a list', has: Array.isArray }
    expect(checkType('load', 'x', [1], list)).toEqual([1])
    expect(() => checkType('load', 'x', new Set([1]) as unknown, list)).toThrow(
      'Cannot load as x must be a list: current value is a Set',
    )
  })
})

describe('checkPositiveInteger()', () => {
  it('tells a wrong type from a wrong number', () => {
    expect(checkPositiveInteger('load', 'dim', 3)).toBe(3)
    expect(checkPositiveInteger('load', 'dim', undefined)).toBeUndefined()
    expect(() => checkPositiveInteger('load', 'dim', '3')).toThrow(TypeError)
    for (const value of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => checkPositiveInteger('load', 'dim', value)).toThrow(RangeError)
    }
  })
})

describe('checkKeys()', () => {
  it('names the keys there are', () => {
    const known = { a: true, b: true, c: true } as const
    expect(() => {
      checkKeys('load', { a: 1, b: 2, c: 3 }, known)
    }).not.toThrow()
    expect(() => {
      checkKeys<object>('load', { toString: 1 }, known)
    }).toThrow('Cannot load as toString is not an option: the options are a, b, c')
    expect(() => {
      checkKeys<unknown>('load', null, {})
    }).toThrow('Cannot load as options must be an object: current value is null')
  })
})
