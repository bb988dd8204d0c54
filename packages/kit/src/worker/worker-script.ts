import type { FailureClass } from './failure-class.js'

/** Codes of a worker that does not start. */
export type StartFailureCode = 'environment-unsupported' | 'worker-crashed' | 'worker-unresponsive'

/** A script for a worker. */
export interface WorkerScript {
  /** What it answers when it is asked who it is: package and version. */
  readonly id: string
  /** Its file, as it is published. */
  readonly file: string
  /** The options that say where it is, for messages. */
  readonly options: string
  /** Starts a worker. */
  readonly spawn: () => Worker
  /** Whether the caller starts workers, so that nobody knows their URL. */
  readonly isGiven: boolean
  /** Milliseconds that a worker has to say who it is. Beyond it what keeps it is looked into: a script that still comes is waited for. */
  readonly helloMs: number
  /** Class of what a failed start throws. */
  readonly failureClass: FailureClass<StartFailureCode>
}
