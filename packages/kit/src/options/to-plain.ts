import { show } from './show.js'
import { isPlainObject } from './value-kinds.js'

/**
 * Copies data that goes to the worker. What a framework hands out may be a proxy of plain data, as Vue's `reactive` and Svelte's `$state`
 * are, which cannot be cloned; its copy can.
 *
 * @param what - The call, for the message.
 * @param name - The argument, for the message.
 * @returns A copy without proxies.
 * @throws {TypeError} If something in it cannot be copied; the message has its path.
 */
export function toPlain<T>(what: string, name: string, value: T): T {
  return copy({ what, above: [] }, name, value) as T
}

interface Copying {
  readonly what: string
  /** Objects that the value is in, to find a cycle. */
  readonly above: readonly unknown[]
}

function copy({ what, above }: Copying, path: string, value: unknown): unknown {
  const refuse = (rule: string): never => {
    // A proxy may not even be written as text.
    const shown = typeof value === 'object' ? Object.prototype.toString.call(value) : show(value)
    throw new TypeError(`Cannot ${what} as ${path} must be ${rule}: current value is ${shown}`)
  }
  if (typeof value === 'function' || typeof value === 'symbol') return refuse('plain data')
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return refuse('plain data without a cycle')
  const inside: Copying = { what, above: [...above, value] }
  if (Array.isArray(value)) return value.map((item, index) => copy(inside, `${path}[${index}]`, item))
  const fields = Object.entries(value)
  // An instance of a class is copied by its fields, as a clone of it would be. One without any may be a proxy of a date or the like.
  if (Object.prototype.toString.call(value) === '[object Object]' && (fields.length > 0 || isPlainObject(value))) {
    return Object.fromEntries(fields.map(([key, item]) => [key, copy(inside, `${path}.${key}`, item)]))
  }
  try {
    return structuredClone(value)
  } catch {
    return refuse('plain data, and no proxy of something else')
  }
}
