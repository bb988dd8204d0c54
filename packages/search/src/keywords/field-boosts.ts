import { checkKeys, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { MAX_FIELDS } from '@nestling/kit/words/postings'
import type { KeywordField } from '../wire/keyword-field.js'
import type { KeywordIndexOptions } from './keyword-index.js'

/** Boost by name of field; that of the text is the first. */
export type FieldBoosts = ReadonlyMap<string, number>

/** The field that every document has. */
export const TEXT_FIELD = 'text'

/** Beyond them one field is all that counts. */
const MIN_BOOST = 0.001
const MAX_BOOST = 1000

const WHAT = 'create a keyword index'

const KNOWN_KEYS: KnownKeys<KeywordIndexOptions> = { fields: true }
const FIELD_KEYS: KnownKeys<KeywordField> = { boost: true }

/**
 * Reads the option `fields`.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If there are too many fields, or a boost is none.
 */
export function readFieldBoosts(options: KeywordIndexOptions): FieldBoosts {
  // A buffer has no keys, so that it would pass for no options.
  if (!isPlain(options)) {
    throw new TypeError(`Cannot ${WHAT} as there must be options or a Uint8Array: current value is ${show(options)}`)
  }
  checkKeys(WHAT, options, KNOWN_KEYS)
  const fields: unknown = options.fields ?? {}
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new TypeError(`Cannot ${WHAT} as fields must be an object: current value is ${show(fields)}`)
  }
  const boosts = new Map([[TEXT_FIELD, 1]])
  for (const [name, field] of Object.entries(fields as Readonly<Record<string, KeywordField>>))
    boosts.set(name, readBoost(name, field))
  if (boosts.size > MAX_FIELDS) {
    throw new RangeError(
      `Cannot ${WHAT} as there may be at most ${MAX_FIELDS - 1} fields beside ${TEXT_FIELD}: current number is ${boosts.size - 1}`,
    )
  }
  return boosts
}

function readBoost(name: string, field: KeywordField): number {
  checkKeys(`${WHAT} with fields.${name}`, field, FIELD_KEYS)
  const { boost = 1 } = field
  const message = `Cannot ${WHAT} as fields.${name}.boost must be a number from ${MIN_BOOST} to ${MAX_BOOST}: current value is ${show(boost)}`
  if (typeof boost !== 'number') throw new TypeError(message)
  if (!(boost >= MIN_BOOST && boost <= MAX_BOOST)) throw new RangeError(message)
  return boost
}

function isPlain(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]'
}
