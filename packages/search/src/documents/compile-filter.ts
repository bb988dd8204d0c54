import { show } from '@nestling/kit/options/show'
import { isPlainObject } from '@nestling/kit/options/value-kinds'
import { stepOf } from '../wire/json-data.js'
import type { Metadata, MetadataValue } from '../wire/protocol.js'

/** Deepest nesting of lists and objects in a filter. */
const MAX_LEVELS = 32

/** What can be asked of a member, for errors. */
const CONDITIONS = ['in', 'gt', 'gte', 'lt', 'lte', 'not', 'exists']

/** What to do instead, for errors. */
const FORMS =
  "Leave out what shall not count; write a list as { in: ['a', 'b'] } and a range as { gte: 1, lt: 5 }; for all else use a function"

type ValueTest = (value: MetadataValue | undefined) => boolean

/** Where in the filter something is. */
interface Place {
  readonly what: string
  readonly path: string
  readonly level: number
}

/**
 * Turns conditions into a function. A list fits where one of its elements does.
 *
 * @param what - The call, for the message.
 * @param filter - What the page sent; nothing of it was checked.
 * @returns Whether metadata fit.
 * @throws {TypeError} If something in it is no condition, or could be meant in two ways; the message has its path.
 */
export function compileFilter(what: string, filter: unknown): (metadata: Metadata | null) => boolean {
  const test = readFilter({ what, path: 'filter', level: 0 }, filter)
  return (metadata) => test(metadata ?? {})
}

function readFilter(place: Place, filter: unknown): (metadata: Metadata) => boolean {
  if (!isPlainObject(filter)) throw refusal(place, 'be a filter', filter)
  const tests = Object.entries(filter).map(([name, value]) => readMember(inside(place, name), name, value))
  // As the whole filter it is what a form without choices gives; within one, all and none are equally near.
  if (place.level > 0 && tests.length === 0) throw refusal(place, 'have a condition', filter)
  return (metadata) => tests.every((test) => test(metadata))
}

function readMember(place: Place, name: string, value: unknown): (metadata: Metadata) => boolean {
  if (name === 'not') {
    const test = readFilter(place, value)
    return (metadata) => !test(metadata)
  }
  if (name === 'and' || name === 'or') {
    if (!Array.isArray(value)) throw refusal(place, 'be a list of filters', value)
    if (value.length === 0) throw refusal(place, 'have a filter', value)
    // Holes too, which map() passes over.
    const tests = Array.from(value, (each: unknown, index) => readFilter(inside(place, index), each))
    return name === 'and'
      ? (metadata) => tests.every((test) => test(metadata))
      : (metadata) => tests.some((test) => test(metadata))
  }
  const test = readCondition(place, value)
  return (metadata) => test(Object.hasOwn(metadata, name) ? metadata[name] : undefined)
}

function readCondition(place: Place, condition: unknown): ValueTest {
  if (isComparable(condition)) return (value) => elementsOf(value).includes(condition)
  if (!isPlainObject(condition))
    throw refusal(place, 'be a string, a number, true, false, null or conditions', condition)
  const entries = Object.entries(condition)
  if (entries.length === 0) throw refusal(place, 'have a condition', condition)
  const ofElement: ValueTest[] = []
  const ofWhole: ValueTest[] = []
  for (const [name, operand] of entries) {
    const own = inside(place, name)
    if (name === 'not') {
      const test = readCondition(own, operand)
      ofWhole.push((value) => !test(value))
    } else if (name === 'exists') {
      if (typeof operand !== 'boolean') throw refusal(own, 'be true or false', operand)
      ofWhole.push((value) => (value !== undefined) === operand)
    } else if (name === 'in') {
      ofElement.push(readList(own, operand))
    } else {
      ofElement.push(readBound(own, name, operand))
    }
  }
  checkBounds(place, entries)
  // One element must fit them all: none of [0, 9] is between 1 and 5.
  return (value) =>
    ofWhole.every((test) => test(value)) &&
    (ofElement.length === 0 ||
      elementsOf(value).some((element) => ofElement.every((test) => test(element as MetadataValue))))
}

function readList(place: Place, operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw refusal(place, 'be a list', operand)
  const wanted = new Set<unknown>()
  for (const [index, value] of operand.entries()) {
    if (!isComparable(value)) throw refusal(inside(place, index), 'be a string, a number, true, false or null', value)
    wanted.add(value)
  }
  return (value) => wanted.has(value)
}

function readBound(place: Place, name: string, bound: unknown): ValueTest {
  const holds = comparisonOf(name)
  if (holds === undefined) throw refusal(place, `be one of ${CONDITIONS.join(', ')}`)
  if ((typeof bound !== 'number' && typeof bound !== 'string') || Number.isNaN(bound)) {
    throw refusal(place, 'be a number or a string', bound)
  }
  return (value) => typeof value === typeof bound && holds(value as typeof bound, bound)
}

function comparisonOf(name: string): ((value: string | number, bound: string | number) => boolean) | undefined {
  switch (name) {
    case 'gt':
      return (value, bound) => value > bound
    case 'gte':
      return (value, bound) => value >= bound
    case 'lt':
      return (value, bound) => value < bound
    case 'lte':
      return (value, bound) => value <= bound
    default:
      return undefined
  }
}

/** Nothing is more than a number and less than a text. */
function checkBounds(place: Place, entries: readonly [string, unknown][]): void {
  const [first, ...others] = entries.filter(([name]) => comparisonOf(name) !== undefined)
  const other = others.find(([, bound]) => typeof bound !== typeof first?.[1])
  if (first === undefined || other === undefined) return
  throw refusal(inside(place, other[0]), `be a ${typeof first[1]}, as ${first[0]} is`, other[1])
}

/** What is compared: the elements of a list, and nothing of what is not there. */
function elementsOf(value: MetadataValue | undefined): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function isComparable(value: unknown): boolean {
  return (value === null || ['string', 'number', 'boolean'].includes(typeof value)) && !Number.isNaN(value)
}

function inside({ what, path, level }: Place, step: string | number): Place {
  if (level === MAX_LEVELS) throw refusal({ what, path: 'filter', level }, `have at most ${MAX_LEVELS} levels`)
  return { what, path: path + stepOf(step), level: level + 1 }
}

function refusal({ what, path }: Place, rule: string, ...value: readonly unknown[]): TypeError {
  const shown = value.length === 0 ? '' : `: current value is ${show(value[0])}`
  return new TypeError(`Cannot ${what} as ${path} must ${rule}${shown}\n${FORMS}`)
}
