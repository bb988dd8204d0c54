import type { HostApi } from '../wire/protocol.js'
import type { HostConnection } from './host-connection.js'
import { REPLACED } from './recovery.js'
import type { Work } from './work.js'
import type { WorkerSupervisor } from './worker-supervisor.js'

/** Calls the host, through workers that come and go. */
export type HostCaller = <T>(run: (host: HostApi) => Promise<T>, signal?: AbortSignal) => Promise<T>

interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** A call of the host that gives one answer, such as `tokenize`. */
export class HostCall<T> implements Work {
  /** {@inheritDoc Work.attempts} */
  attempts = 0
  /** {@inheritDoc Work.isIsolated} */
  isIsolated = false
  /** Settles once. */
  readonly result: Promise<T>
  readonly #run: (host: HostApi) => Promise<T>
  readonly #onSettled: (call: Work, isAnswer: boolean) => void
  #settle: Settle<T> | undefined

  /**
   * Prepares a call; nothing is sent yet.
   *
   * @param run - The call.
   * @param onSettled - Told when it has settled.
   */
  constructor(run: (host: HostApi) => Promise<T>, onSettled: (call: Work, isAnswer: boolean) => void) {
    this.#run = run
    this.#onSettled = onSettled
    this.result = new Promise<T>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  /** {@inheritDoc Work.start} */
  start(connection: HostConnection): void {
    connection.call(this.#run).then(
      (value) => {
        this.#end(true)?.resolve(value)
      },
      (error: unknown) => {
        if (error !== REPLACED) this.#end(true)?.reject(error)
      },
    )
  }

  /** {@inheritDoc Work.leave} */
  leave(error: unknown): void {
    this.fail(error)
  }

  /** {@inheritDoc Work.fail} */
  fail(error: unknown): void {
    this.#end(false)?.reject(error)
  }

  #end(isAnswer: boolean): Settle<T> | undefined {
    const settle = this.#settle
    this.#settle = undefined
    if (settle !== undefined) this.#onSettled(this, isAnswer)
    return settle
  }
}

/**
 * Calls the host of one supervisor.
 *
 * @param supervisor - The supervisor.
 * @param run - The call.
 * @returns The call while it runs.
 */
export function callHost<T>(supervisor: WorkerSupervisor, run: (host: HostApi) => Promise<T>): HostCall<T> {
  const call = new HostCall(run, (settled, isAnswer) => {
    supervisor.remove(settled, isAnswer)
  })
  supervisor.add(call)
  return call
}
