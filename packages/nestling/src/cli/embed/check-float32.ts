import { CliError, EXIT } from '../cli-error.js'
import type { SinkJob } from './embedding-sink.js'

/**
 * Refuses other vectors than databases take.
 *
 * @param database - Its name, for the message.
 * @throws {CliError} Of exit code 2.
 */
export function checkFloat32(database: string, { precision }: SinkJob): void {
  if (precision === 'float32') return
  throw new CliError(
    `Cannot write to ${database} as vectors must be float32: current precision is ${precision}\nLeave --precision out`,
    EXIT.misuse,
  )
}
