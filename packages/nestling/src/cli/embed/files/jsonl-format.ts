import { CliError } from '../../cli-error.js'
import type { SinkRow } from '../embedding-sink.js'
import type { RowFormat } from './row-format.js'

/** Nine decimal digits name each float32 alone. */
const FLOAT32_DIGITS = 9

/** The field of the vector. */
const EMBEDDING = 'embedding'

/** An object a line: the text under its own name, the other fields of the input, and the vector. */
export const JSONL_FORMAT: RowFormat = {
  head: () => new Uint8Array(0),
  rows: (rows, { textName, precision }) => {
    const isFloat = precision === 'float32'
    return Buffer.from(rows.map((row) => lineOf(row, textName, isFloat)).join(''))
  },
}

function lineOf({ index, text, fields, vector }: SinkRow, textName: string, isFloat: boolean): string {
  if (Object.hasOwn(fields, EMBEDDING) || textName === EMBEDDING) {
    throw new CliError(
      `Cannot write .jsonl as row ${index} has a field ${EMBEDDING} already\nRename it in the input, or write .npy`,
    )
  }
  const known = JSON.stringify({ [textName]: text, ...fields })
  const numbers = Array.from(vector, (value) => (isFloat ? Number(value.toPrecision(FLOAT32_DIGITS)) : value))
  return `${known.slice(0, -1)},"${EMBEDDING}":[${numbers.join(',')}]}\n`
}
