import { endianness } from 'node:os'
import type { Precision } from '../../../math/precision.js'
import { CliError } from '../../cli-error.js'
import type { RowFormat } from './row-format.js'

/** How numpy names the types, values of several bytes with the lowest first. */
const DESCRIPTIONS: Readonly<Record<Precision, string>> = {
  float32: '<f4',
  int8: '|i1',
  uint8: '|u1',
  binary: '|i1',
  ubinary: '|u1',
}

/** Room for any number of rows; numpy wants a multiple of 64. */
const HEAD_BYTES = 128

/** Version 1.0, whose header has its length in two bytes. */
const MAGIC = '\u0093NUMPY\u0001\u0000'

/**
 * numpy's file of one array, of shape `[rows, dim]`.
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html | NEP 1}
 */
export const NPY_FORMAT: RowFormat = {
  head: ({ precision, dim }, rows) => {
    const head = Buffer.alloc(HEAD_BYTES, ' ')
    const shape = `{'descr': '${DESCRIPTIONS[precision]}', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`
    head.write(MAGIC, 0, 'latin1')
    head.writeUInt16LE(HEAD_BYTES - MAGIC.length - 2, MAGIC.length)
    head.write(shape, MAGIC.length + 2, 'latin1')
    head.write('\n', HEAD_BYTES - 1, 'latin1')
    return head
  },
  rows: (rows) => {
    if (endianness() !== 'LE') {
      throw new CliError('Cannot write .npy as this machine has the highest byte first\nWrite .jsonl')
    }
    return Buffer.concat(rows.map(({ vector }) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)))
  },
}
