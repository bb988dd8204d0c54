import { nextTask } from '@nestling/kit/calls/next-task'
import type { EncodedRows, EncodeRequest } from '../wire/protocol.js'
import type { DistinctPortion } from './distinct-portions.js'
import type { HostConnection } from './host-connection.js'
import type { PoolWorker } from './pool-worker.js'
import { REPLACED } from './recovery.js'
import type { Work, WorkRequests } from './work.js'

/** Portions that a worker holds of one call: while one runs the next is there already. */
const PORTIONS_IN_FLIGHT = 2

/** A call of which workers take portions. */
export interface SharedCall {
  /** Whether it shares no batch with others, since a host failed. */
  isIsolated: boolean
  /** What every request for a portion says. */
  readonly request: Omit<EncodeRequest, 'id' | 'texts'>
  /**
   * Takes the next portion for a worker. Where there is none, and no worker holds one, the call is done.
   *
   * @returns The portion; without texts where there may be more in a moment. `undefined` if there is none.
   */
  takePortion(): DistinctPortion | undefined
  /**
   * Takes back what a worker that was lost had.
   *
   * @param portions - Its portions; what is done of them stays done.
   */
  giveBack(portions: readonly DistinctPortion[]): void
  /**
   * Takes rows that are done.
   *
   * @param portion - What they are part of.
   * @param rows - The rows.
   */
  takeRows(portion: DistinctPortion, rows: EncodedRows): void
  /** Counts a portion that a worker has done. */
  endPortion(): void
  /**
   * Ends the call, as one of its texts is too long.
   *
   * @param place - Place of the text.
   * @param tokenCount - Its tokens.
   */
  failTooLong(place: number, tokenCount: number): void
  /**
   * Ends the call.
   *
   * @param error - What it rejects with.
   */
  fail(error: unknown): void
}

/** What one worker does of a call of `encode`: it takes portions as long as there are any. A worker that is lost gives them back. */
export class EncodePart implements Work, WorkRequests {
  static #lastId = 0
  /** {@inheritDoc Work.attempts} */
  attempts = 0
  /** Whether the worker has the part: it holds portions, or will take some once it is loaded. */
  isActive = false
  /** Whether the worker failed at the call and is to have no more of it. */
  hasLeft = false
  readonly worker: PoolWorker
  readonly #call: SharedCall
  readonly #inFlight = new Map<number, PortionInFlight>()
  #connection: HostConnection | undefined

  /**
   * Starts without portions.
   *
   * @param call - The call.
   * @param worker - The worker.
   */
  constructor(call: SharedCall, worker: PoolWorker) {
    this.#call = call
    this.worker = worker
  }

  /** Whether it shares no batch with others. A portion may go to any worker, so that all of the call is isolated or nothing. */
  get isIsolated(): boolean {
    return this.#call.isIsolated
  }

  set isIsolated(isIsolated: boolean) {
    this.#call.isIsolated = isIsolated
  }

  /** {@inheritDoc Work.requests} */
  get requests(): WorkRequests {
    return this
  }

  /** {@inheritDoc WorkRequests.ids} */
  get ids(): Iterable<number> {
    return this.#inFlight.keys()
  }

  /** {@inheritDoc WorkRequests.has} */
  has(id: number): boolean {
    return this.#inFlight.has(id)
  }

  /** {@inheritDoc Work.start} */
  start(connection: HostConnection): void {
    if (!this.isActive) return
    this.#connection = connection
    if (this.worker.isLikeFirst) this.#fill()
    else this.leave(undefined)
  }

  /** {@inheritDoc Work.stop} */
  stop(): void {
    this.#connection = undefined
    const portions = [...this.#inFlight.values()]
    this.#inFlight.clear()
    this.#call.giveBack(portions)
  }

  /** {@inheritDoc WorkRequests.takeRows} */
  takeRows(rows: EncodedRows): void {
    const portion = this.#inFlight.get(rows.id)
    if (portion === undefined) return
    this.worker.failures = 0
    portion.remaining -= rows.indices.length
    this.#call.takeRows(portion, rows)
    if (portion.remaining > 0) return
    this.#inFlight.delete(rows.id)
    this.#call.endPortion()
    this.#fill()
  }

  /** {@inheritDoc WorkRequests.failTooLong} */
  failTooLong(id: number, index: number, tokenCount: number): void {
    this.#call.failTooLong(this.#inFlight.get(id)?.indices[index] ?? -1, tokenCount)
  }

  /** {@inheritDoc Work.fail} */
  fail(error: unknown): void {
    this.#call.fail(error)
  }

  /** {@inheritDoc Work.leave} */
  leave(error: unknown): void {
    if (this.worker.isFirst) {
      this.fail(error)
      return
    }
    this.hasLeft = true
    this.worker.failures++
    this.#rest()
    this.stop()
  }

  #fill(): void {
    while (this.isActive && this.#inFlight.size < PORTIONS_IN_FLIGHT) {
      const portion = this.#call.takePortion()
      if (portion === undefined) break
      if (portion.texts.length === 0) {
        void nextTask().then(() => {
          if (this.#connection !== undefined) this.#fill()
        })
        return
      }
      this.#send(portion)
    }
    if (this.isActive && this.#inFlight.size === 0) this.#rest()
  }

  /** What has nothing to do must not look as if it were silent. */
  #rest(): void {
    this.isActive = false
    this.worker.supervisor.remove(this, false)
  }

  #send({ indices, texts }: DistinctPortion): void {
    const id = ++EncodePart.#lastId
    this.#inFlight.set(id, new PortionInFlight(indices, texts))
    this.#connection?.encode({ id, texts, ...this.#call.request }, (error) => {
      if (error !== REPLACED && this.#inFlight.has(id)) this.fail(error)
    })
  }
}

/** A portion that a worker has. */
class PortionInFlight implements DistinctPortion {
  readonly indices: readonly number[]
  readonly texts: readonly string[]
  remaining: number

  constructor(indices: readonly number[], texts: readonly string[]) {
    this.indices = indices
    this.texts = texts
    this.remaining = texts.length
  }
}
