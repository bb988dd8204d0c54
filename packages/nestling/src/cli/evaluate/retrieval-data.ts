import { CliError } from '../cli-error.js'

/** Queries, documents and which belong together, all by their ids. */
export interface RetrievalData {
  readonly queries: Readonly<Record<string, string>>
  readonly corpus: Readonly<Record<string, string>>
  readonly relevantDocs: Readonly<Record<string, readonly string[]>>
}

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a test collection.
 *
 * @param text - JSON: `queries`, id to text; `corpus`, id to text or to `{ title, text }`, which becomes `title. text`; `relevant`, query's id to
 * a list of ids, or to an object whose values above 0 are grades.
 * @param name - Of the file, for messages.
 * @throws {CliError} If it is of another shape.
 */
export function readRetrievalData(text: string, name: string): RetrievalData {
  const data = parseObject(text, name)
  return {
    queries: mapValues(part(data, 'queries', name), (value, id) => textOf(value, `queries.${id}`, name)),
    corpus: mapValues(part(data, 'corpus', name), (value, id) => documentOf(value, `corpus.${id}`, name)),
    relevantDocs: mapValues(part(data, 'relevant', name), (value, id) => idsOf(value, `relevant.${id}`, name)),
  }
}

function parseObject(text: string, name: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // What is wrong with it is said below.
  }
  throw wrong(name, 'it must be JSON: an object with queries, corpus and relevant')
}

function part(data: Json, key: string, name: string): Json {
  const value = data[key]
  if (isObject(value)) return value
  throw wrong(name, `${key} must be an object by id`)
}

function textOf(value: unknown, place: string, name: string): string {
  if (typeof value === 'string') return value
  throw wrong(name, `${place} must be a text`)
}

function documentOf(value: unknown, place: string, name: string): string {
  if (!isObject(value)) return textOf(value, place, name)
  const text = textOf(value['text'], `${place}.text`, name)
  const { title } = value
  return typeof title === 'string' && title !== '' ? `${title}. ${text}` : text
}

function idsOf(value: unknown, place: string, name: string): readonly string[] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([id, grade]) => (typeof grade === 'number' && grade > 0 ? [id] : []))
  }
  if (!Array.isArray(value)) throw wrong(name, `${place} must be a list of ids`)
  return value.map((id: unknown) => {
    if (typeof id === 'string' || typeof id === 'number') return String(id)
    throw wrong(name, `${place} must hold ids`)
  })
}

function mapValues<T>(object: Json, change: (value: unknown, key: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)] as const))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(name: string, rule: string): CliError {
  return new CliError(`Cannot read ${name} as ${rule}`)
}
