import type { Checkpoint, SinkJob, SinkRow } from '../../src/cli/embed/embedding-sink.js'

/** Components of the vectors of {@link rowsFrom}. */
const DIM = 3

/**
 * Makes rows that say by their numbers which ones they are: row 7 has the vector 7, 1, 0.5.
 *
 * @param start - Index of the first.
 */
export function rowsFrom(start: number, count: number): SinkRow[] {
  return Array.from({ length: count }, (_, place) => {
    const index = start + place
    return {
      index,
      id: `r${index}`,
      text: `text ${index}`,
      fields: { number: index },
      vector: Float32Array.of(index, 1, 0.5),
    }
  })
}

/** What is known of the input behind so many rows. */
export function checkpointAt(rows: number): Checkpoint {
  return { rows, inputDigest: `input to ${rows}` }
}

/** A job that takes {@link rowsFrom}. */
export function jobOf(more: Partial<SinkJob> = {}): SinkJob {
  return {
    space: { id: 'space one', model: 'tiny' },
    dim: DIM,
    precision: 'float32',
    textName: 'text',
    digest: 'digest one',
    isRestart: false,
    isOverwrite: false,
    ...more,
  }
}
