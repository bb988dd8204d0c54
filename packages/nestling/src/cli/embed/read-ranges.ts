import { open, type FileHandle } from 'node:fs/promises'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../explain-error.js'

/** Smallest and largest value of each component. */
export interface Ranges {
  /** Both rows, one behind the other, of shape `[2, dim]`. */
  readonly data: Float32Array
  readonly shape: readonly [2, number]
}

/** Longest header of version 1.0, and what stands before it. */
const MOST_HEAD_BYTES = 10 + 0xffff

const BYTES_PER_FLOAT = 4

/** Rows that are in memory at once. */
const ROWS_AT_ONCE = 1024

/**
 * Finds the ranges of vectors in a file: what other vectors are made int8 with.
 *
 * @param path - A `.npy` of float32 and of shape `[rows, dim]`, at least one row.
 * @throws {CliError} If it cannot be read or is no such file.
 */
export async function readRanges(path: string): Promise<Ranges> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    return await rangesOf(file, path)
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`Cannot read ${path} as ${fileFailure(error)}`, undefined, error)
  } finally {
    await file?.close()
  }
}

async function rangesOf(file: FileHandle, path: string): Promise<Ranges> {
  const { rows, dim, start } = await readHead(file, path)
  const data = new Float32Array(2 * dim).fill(Infinity, 0, dim).fill(-Infinity, dim)
  const buffer = new Float32Array(ROWS_AT_ONCE * dim)
  for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, rows - first)
    const bytes = new Uint8Array(buffer.buffer, 0, count * dim * BYTES_PER_FLOAT)
    const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, start + first * dim * BYTES_PER_FLOAT)
    if (bytesRead < bytes.byteLength) throw noCalibration(path, 'it must be whole')
    for (let index = 0; index < count * dim; index++) {
      const value = buffer[index] as number
      const column = index % dim
      if (value < (data[column] as number)) data[column] = value
      if (value > (data[dim + column] as number)) data[dim + column] = value
    }
  }
  return { data, shape: [2, dim] }
}

async function readHead(
  file: FileHandle,
  path: string,
): Promise<{ readonly rows: number; readonly dim: number; readonly start: number }> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_HEAD_BYTES), 0, MOST_HEAD_BYTES, 0)
  if (bytesRead < 10 || buffer.toString('latin1', 1, 8) !== 'NUMPY\u0001\u0000') {
    throw noCalibration(path, 'it must be a .npy file of version 1.0')
  }
  const start = 10 + buffer.readUInt16LE(8)
  const head = buffer.toString('latin1', 10, start)
  const [, rows, dim] = /'shape': \((\d+), (\d+)\)/.exec(head) ?? []
  if (!head.includes("'descr': '<f4'") || !head.includes("'fortran_order': False") || Number(rows) < 1) {
    throw noCalibration(path, 'it must hold rows of float32')
  }
  if (rows === undefined || dim === undefined) throw noCalibration(path, 'its shape must be [rows, dim]')
  return { rows: Number(rows), dim: Number(dim), start }
}

function noCalibration(path: string, rule: string): CliError {
  return new CliError(
    `Cannot take ranges of ${path} as ${rule}\nMake one of a sample of the texts: npx nestling embed SAMPLE -o ranges.npy`,
  )
}
