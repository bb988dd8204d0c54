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

/** A worker that did not start as it should. */
export interface FailedStart {
  readonly script: WorkerScript
  /** What the page's policy refused since it was started. */
  readonly refusals: readonly SecurityPolicyViolationEvent[]
  /** What came of it: the answer of another script, an event, what the constructor threw; `undefined` for silence. */
  readonly answer: unknown
  /** What may still come of it. */
  readonly later: Promise<unknown>
}
