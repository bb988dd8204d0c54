import type { EncodedRows } from '../wire/protocol.js'
import type { HostConnection } from './host-connection.js'

/** A call of the application that needs a host. It is pure, so that it can be sent again to another one. */
export interface Work {
  /** How often a host failed at it. */
  attempts: number
  /** Whether it shares no batch with others, since a host failed. */
  isIsolated: boolean
  /**
   * Sends what is not done yet.
   *
   * @param connection - A host with the model; another one each time.
   */
  start(connection: HostConnection): void
  /** Takes back what the host had, as it was lost. It may be done elsewhere; what is left is started when another takes over. */
  stop?(): void
  /**
   * Ends the work here, as hosts failed at it or none can be had. It may go on elsewhere; otherwise it fails.
   *
   * @param error - How they failed.
   */
  leave(error: unknown): void
  /**
   * Ends the work.
   *
   * @param error - What the application's promise rejects with.
   */
  fail(error: unknown): void
  /** What events of the host are about; work that gets one answer has none of it. */
  readonly requests?: WorkRequests
}

/** The requests of a work that a host has at the moment. */
export interface WorkRequests {
  /** Their ids. */
  readonly ids: Iterable<number>
  /**
   * Tells whether a request is among them.
   *
   * @param id - The request.
   * @returns Whether it is.
   */
  has(id: number): boolean
  /**
   * Takes rows that are done.
   *
   * @param rows - Rows of one of them.
   */
  takeRows(rows: EncodedRows): void
  /**
   * Ends the work, as one of its texts is too long.
   *
   * @param id - The request.
   * @param index - Place of the text in the request.
   * @param tokenCount - Its tokens.
   */
  failTooLong(id: number, index: number, tokenCount: number): void
}
