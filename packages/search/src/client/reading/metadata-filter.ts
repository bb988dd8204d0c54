import { show } from '@nestling/kit/options/show'
import { toPlain } from '@nestling/kit/options/to-plain'
import { isPlainObject } from '@nestling/kit/options/value-kinds'
import { enumerableSymbolOf } from '../../wire/json-data.js'
import type { DocumentId } from '../../wire/document-id.js'
import type { DocumentChoice, Metadata } from '../../wire/protocol.js'

/** What a value of metadata can be compared with. */
export type FilterValue = string | number | boolean | null

/** What a member of metadata is compared as: a list by its elements. */
type ComparedAs<Value> = Value extends readonly (infer Element)[]
  ? Extract<Element, FilterValue>
  : Extract<Value, FilterValue>

/** What is asked of a member of metadata; all of it must hold. Of a list one element must be `in` it and within the bounds. */
export interface ValueConditions<Value extends FilterValue = FilterValue> {
  /** One of these. */
  readonly in?: readonly Value[]
  /** More than a number or, in the order of UTF-16 units, a text. What is of the other type is neither more nor less. */
  readonly gt?: Extract<Value, string | number>
  /** At least that. */
  readonly gte?: Extract<Value, string | number>
  /** Less than that. */
  readonly lt?: Extract<Value, string | number>
  /** At most that. */
  readonly lte?: Extract<Value, string | number>
  /** A value or conditions that do not fit; what is not there fits. */
  readonly not?: Value | ValueConditions<Value>
  /** Whether it is there. `null` is. */
  readonly exists?: boolean
}

/** Conditions on metadata of no known type. */
interface AnyConditions {
  readonly [member: string]: FilterValue | ValueConditions | AnyConditions | readonly AnyConditions[] | undefined
}

/**
 * Conditions on metadata, which must all hold: a value that a member is, or an element of it where it is a list; or what {@link ValueConditions}
 * say. `and`, `or` and `not` combine them, and are no members.
 */
export type MetadataConditions<M = Metadata> = string extends keyof M
  ? AnyConditions
  : {
      readonly [Member in keyof M]?: ComparedAs<M[Member]> | ValueConditions<ComparedAs<M[Member]>>
    } & {
      readonly and?: readonly MetadataConditions<M>[]
      readonly or?: readonly MetadataConditions<M>[]
      readonly not?: MetadataConditions<M>
    }

/** Says which documents a call is about, by their metadata: conditions, or a function that gives true or false. */
export type MetadataFilter<M extends object = Metadata> =
  ((metadata: Partial<M>, id: DocumentId) => boolean) | MetadataConditions<M>

/** {@link MetadataFilter}, told apart. */
export interface ResolvedFilter<M extends object> {
  readonly test: ((metadata: Partial<M>, id: DocumentId) => boolean) | undefined
  /** The worker looks into it. */
  readonly filter: DocumentChoice['filter']
}

/**
 * Copies conditions: they may be in a reactive proxy, and may change before they are looked at.
 *
 * @param what - The call, for the message.
 * @throws {TypeError} If it is something else, which would let every document through.
 */
export function resolveFilter<M extends object>(
  what: string,
  filter: MetadataFilter<M> | undefined,
): ResolvedFilter<M> {
  if (filter === undefined || typeof filter === 'function') return { test: filter, filter: undefined }
  const symbol = isPlainObject(filter) ? enumerableSymbolOf(filter) : undefined
  if (!isPlainObject(filter) || symbol !== undefined) {
    const shown = symbol === undefined ? show(filter) : `an object with ${String(symbol)}`
    throw new TypeError(`Cannot ${what} as filter must be a function or a plain object: current value is ${shown}`)
  }
  return { test: undefined, filter: toPlain(what, 'filter', filter) }
}
