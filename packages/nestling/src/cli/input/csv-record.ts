import { parseCsv } from '@nestling/kit/text/parse-csv'
import { didYouMean } from '../arguments/closest-name.js'
import { CliError } from '../cli-error.js'
import type { InputRecord } from './record.js'

/** Where a record stands, for messages. */
export interface Place {
  /** Name of the input. */
  readonly name: string
  /** Its last line, from 1 on. */
  readonly line: number
  /** Bytes of the input up to its end. */
  readonly endByte: number
}

/** Which columns are wanted. */
export interface Columns {
  readonly column: string
  readonly idColumn: string | undefined
}

/** The first record of a CSV file. */
export interface CsvHeader {
  readonly names: readonly string[]
  readonly text: number
  readonly id: number | undefined
}

/** Whether a line opens a quote that it does not close, or the other way round: a doubled one counts as two. */
export function hasOddQuotes(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++
  return count % 2 === 1
}

/**
 * Reads the names of the columns.
 *
 * @throws {CliError} If a wanted one is not there, or one is there twice.
 */
export function readHeader(text: string, { column, idColumn }: Columns, place: Place): CsvHeader {
  const names = parseOne(text, place)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new CliError(`Cannot read ${place.name} as its columns must have names of their own: ${twice} comes twice`)
  }
  const find = (name: string): number => {
    const index = names.indexOf(name)
    if (index !== -1) return index
    const advice = `${didYouMean(name, names)}\nName one with --column or --id-column; the first line must hold the names`
    throw new CliError(`Cannot read ${place.name} as it has no column ${name}\n${advice}`)
  }
  return { names, text: find(column), id: idColumn === undefined ? undefined : find(idColumn) }
}

/**
 * Reads a record of a CSV file.
 *
 * @throws {CliError} If quotes are out of place, or it has another number of fields than the header.
 */
export function csvRecord(text: string, { names, text: textAt, id: idAt }: CsvHeader, place: Place): InputRecord {
  const values = parseOne(text, place)
  if (values.length !== names.length) {
    throw new CliError(
      `Cannot read ${place.name} as every record must have ${names.length} fields: line ${place.line} has ${values.length}`,
    )
  }
  const fields = names.flatMap((name, index) => (index === textAt ? [] : [[name, values[index]] as const]))
  const id = idAt === undefined ? undefined : values[idAt]
  return { text: values[textAt] ?? '', id, fields: Object.fromEntries(fields), endByte: place.endByte }
}

function parseOne(text: string, { name, line }: Place): string[] {
  try {
    // The line feed that ended it belongs to a carriage return before.
    return parseCsv(`${text}\n`)[0] ?? []
  } catch (cause) {
    throw new CliError(`Cannot read ${name} as a quote is out of place: current line is ${line}`, undefined, cause)
  }
}
