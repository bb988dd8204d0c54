/**
 * Keeps track of promises that may never settle because what they wait for is gone, and rejects them all at once then.
 *
 * `Promise.race` against one long-lived promise would keep every result of every call alive as long as that promise.
 */
export class PendingCalls {
  readonly #rejects = new Set<(reason: unknown) => void>()
  #failure: { readonly reason: unknown } | undefined

  /**
   * Follows a promise.
   *
   * @param promise - Something that may never settle.
   * @returns Settles like `promise`, or rejects when {@link PendingCalls.rejectAll} comes first.
   */
  track<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) {
        promise.catch(() => undefined)
        reject(this.#failure.reason)
        return
      }
      this.#rejects.add(reject)
      promise.then(resolve, reject).finally(() => this.#rejects.delete(reject))
    })
  }

  /**
   * Rejects what is pending and everything that is tracked from now on. Only the first call counts.
   *
   * @param reason - Why.
   */
  rejectAll(reason: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { reason }
    for (const reject of this.#rejects) reject(reason)
    this.#rejects.clear()
  }
}
