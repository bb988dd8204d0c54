import type { KeptHost } from '../host/kept-host.js'
import type { HostApi } from '../wire/protocol.js'
import type { Call, Portion } from './job.js'

/** Calls the host, through workers that come and go. It rejects at once where the signal aborts. */
export type HostCaller = <T>(run: (host: HostApi) => Promise<T>, signal?: AbortSignal) => Promise<T>

/** A call with one answer, such as `tokenize`: one job without rows. */
export class HostCall<T> implements Call<T> {
  readonly units = 0
  readonly result: Promise<T>
  readonly #run: (host: HostApi) => Promise<T>
  #resolve!: (value: T) => void
  #reject!: (error: unknown) => void
  #isCut = false
  #answer: { readonly value: T } | undefined

  constructor(run: (host: HostApi) => Promise<T>) {
    this.#run = run
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  cut(): Portion | undefined {
    if (this.#isCut) return undefined
    this.#isCut = true
    return { places: [], texts: [] }
  }

  async send(host: KeptHost): Promise<void> {
    this.#answer = { value: await host.call(this.#run) }
  }

  take(): void {
    // Hosts tell nothing of it but the answer.
  }

  missingOf(portion: Portion): Portion | undefined {
    return this.#answer === undefined ? portion : undefined
  }

  finish(): void {
    if (this.#answer !== undefined) this.#resolve(this.#answer.value)
  }

  fail(error: unknown): void {
    this.#reject(error)
  }
}
