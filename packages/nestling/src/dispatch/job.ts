import type { KeptHost } from '../host/kept-host.js'
import type { EncodedRows } from '../wire/protocol.js'
import type { Desk } from './share-out.js'

/** Part of the texts of a call. */
export interface Portion {
  /** Places of its texts in the call. */
  readonly places: readonly number[]
  readonly texts: readonly string[]
}

/** A portion that a host has. What becomes of it is another job. */
export interface Job extends Portion {
  /** Another one each time that texts are sent: what a lost host still tells is of no job. */
  readonly id: number
  readonly call: Call
  /** Whose it is. */
  readonly desk: Desk
  /** Whether it shares no batch with others, as a host failed at its call before. */
  readonly isIsolated: boolean
}

/**
 * What a caller waits for, and the only thing that knows which kind of work it is. It is pure, so that it can be sent again: it cuts its
 * work into portions, sends one where it is told to, and joins what comes back.
 */
export interface Call<T = unknown> {
  /** Settles when the call does. */
  readonly result: Promise<T>
  /** How much work hosts may share, in about UTF-16 units; 0 for what goes to one of them. */
  readonly units: number
  /** Cuts the next portion for one of so many hosts. `later` where it takes another task to find one; `undefined` where there is none. */
  cut(hosts: number): Portion | 'later' | undefined
  /** Sends a job, or the same portion as another job to another host. Where rows are not awaited it resolves when all is done. */
  send(host: KeptHost, job: Job): Promise<unknown>
  /** Joins rows of a job. */
  take(job: Job, rows: EncodedRows): void
  /** Gives what of a portion is not done; `undefined` where all is. */
  missingOf(portion: Portion): Portion | undefined
  /** Settles the call, as all is done. */
  finish(): void
  /** Settles the call, unless it has, and tells nothing more of it. */
  fail(error: unknown): void
}
