import { isThenable } from './value-kinds.js'

/** Shows a value in a message, short enough for one line: what it is where it has no short text. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (isThenable(value)) return 'a promise'
  if (Array.isArray(value)) return `a list of ${value.length}`
  const { constructor } = value as { readonly constructor?: { readonly name?: string } | undefined }
  const name = constructor?.name ?? ''
  if (name === '' || name === 'Object') return 'an object'
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
}
