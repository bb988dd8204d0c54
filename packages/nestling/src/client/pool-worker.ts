import type { WorkerSupervisor } from './worker-supervisor.js'

/** How often in a row calls may have to leave a worker before it gets no more of them. */
const MAX_FAILURES = 3

/** A worker of a pool, and what it was good for so far. */
export class PoolWorker {
  /** Keeps it at work. */
  readonly supervisor: WorkerSupervisor
  /** Calls in a row that had to leave it. */
  failures = 0
  readonly #first: WorkerSupervisor

  /**
   * Takes a worker in.
   *
   * @param supervisor - Keeps it at work.
   * @param first - The worker that loaded the model first, and is the last that a call may leave.
   */
  constructor(supervisor: WorkerSupervisor, first: WorkerSupervisor) {
    this.supervisor = supervisor
    this.#first = first
  }

  /** Whether it loaded the model first. */
  get isFirst(): boolean {
    return this.supervisor === this.#first
  }

  /** Whether it is of any use. */
  get isUsable(): boolean {
    return this.isFirst || this.failures < MAX_FAILURES
  }

  /** Whether it is there and computes as the first one does: that one may have changed its ways, or the files theirs. */
  get isLikeFirst(): boolean {
    if (this.isFirst) return true
    const [own, first] = [this.supervisor.model, this.#first.model]
    return (['spaceId', 'engine', 'runtime', 'dtype'] as const).every((key) => own[key] === first[key])
  }
}
