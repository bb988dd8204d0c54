import type { SharedModel } from '../wire/protocol.js'

/**
 * Has what the workers of a page share, for those that are to come: it outlives the worker that made it, and goes when none of those that
 * use it has the model any more.
 */
export class ModelShare {
  readonly #users = new Set<object>()
  #model: SharedModel | undefined
  #onGone: (() => void) | undefined

  /** What new workers may use. */
  get model(): SharedModel | undefined {
    return this.#model
  }

  /** Takes what a worker has told, and gives it back: `undefined` where its weights are its own. `onGone` is told when it is kept no more. */
  keep(model: SharedModel | undefined, onGone?: () => void): SharedModel | undefined {
    this.#drop()
    this.#model = model
    this.#onGone = onGone
    return model
  }

  /** Lets weights go that were no use to a worker. */
  forget(model: SharedModel): void {
    if (this.#model === model) this.#drop()
  }

  /** Notes that someone keeps a worker with the model. */
  join(user: object): void {
    this.#users.add(user)
  }

  /** Notes that someone unloaded the model. What crashes is not unloaded: it is replaced. */
  leave(user: object): void {
    this.#users.delete(user)
    if (this.#users.size === 0) this.#drop()
  }

  #drop(): void {
    this.#model = undefined
    this.#onGone?.()
    this.#onGone = undefined
  }
}
