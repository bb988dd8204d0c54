import { didYouMean } from '../arguments/closest-name.js'
import { CliError } from '../cli-error.js'
import type { Columns, Place } from './csv-record.js'
import type { InputRecord } from './record.js'

/**
 * Reads a line of JSON Lines: an object with a text.
 *
 * @throws {CliError} If it is none, or the text or the id is missing or of another kind.
 */
export function jsonRecord(line: string, { column, idColumn }: Columns, place: Place): InputRecord {
  const object = parseObject(line, place)
  const text = fieldOf(object, column, place)
  if (typeof text !== 'string') throw wrong(place, `${column} must be a text: current type is ${typeof text}`)
  const id = idColumn === undefined ? undefined : fieldOf(object, idColumn, place)
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') {
    throw wrong(place, `${String(idColumn)} must be a text or a number: current type is ${typeof id}`)
  }
  const fields = Object.entries(object).filter(([name]) => name !== column)
  return {
    text,
    id: id === undefined ? undefined : String(id),
    fields: Object.fromEntries(fields),
    endByte: place.endByte,
  }
}

function parseObject(line: string, place: Place): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw wrong(place, 'every line must be JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong(place, 'every line must be an object {…}')
}

function fieldOf(object: Readonly<Record<string, unknown>>, name: string, place: Place): unknown {
  if (Object.hasOwn(object, name)) return object[name]
  const names = Object.keys(object)
  const advice = names.length === 0 ? 'It has no fields' : didYouMean(name, names)
  throw wrong(place, `every line must have a field ${name}`, `${advice}\nName one with --column or --id-column`)
}

function wrong({ name, line }: Place, rule: string, advice = 'Look at that line'): CliError {
  return new CliError(`Cannot read ${name} as ${rule}: current line is ${line}\n${advice}`)
}
