import type { StoredVector } from '../store/embeddings/stored-vector.js'
import type { Priority } from '../wire/protocol.js'
import type { VectorCache } from './vector-cache.js'
import type { TextTask } from './text-task.js'

/** Texts are digested for this long before messages are heard: about a thousand sentences. */
const DIGEST_MS = 5

/** A text, and what was found of it. */
export type FoundText = readonly [task: TextTask, stored: StoredVector | undefined]

/** Texts that the cache is asked for before they are run, one look-up of each priority at a time. */
export class CacheLookups {
  readonly #cache: VectorCache
  readonly #dim: number
  readonly #onFound: (found: readonly FoundText[]) => void
  readonly #waiting: Readonly<Record<Priority, TextTask[]>> = { interactive: [], background: [] }
  readonly #isRunning: Record<Priority, boolean> = { interactive: false, background: false }

  /**
   * Starts without a text.
   *
   * @param cache - What is asked.
   * @param dim - Length of the model's vectors.
   * @param onFound - Told what a look-up gave.
   */
  constructor(cache: VectorCache, dim: number, onFound: (found: readonly FoundText[]) => void) {
    this.#cache = cache
    this.#dim = dim
    this.#onFound = onFound
  }

  /** Whether an answer is awaited. */
  get isRunning(): boolean {
    return this.#isRunning.interactive || this.#isRunning.background
  }

  /** Adds a text; it is told of in any case. */
  add(task: TextTask): void {
    this.#waiting[task.priority].push(task)
  }

  /**
   * Digests some texts and begins to look them up.
   *
   * @returns Whether there was something to do; not while an answer is awaited.
   */
  step(priority: Priority): boolean {
    const waiting = this.#waiting[priority]
    if (this.#isRunning[priority] || waiting.length === 0) return false
    const endMs = performance.now() + DIGEST_MS
    let count = 0
    do {
      this.#cache.digestOf(waiting[count++] as TextTask)
    } while (count < waiting.length && performance.now() < endMs)
    const tasks = waiting.splice(0, count).filter(({ isWanted, isQueued }) => isWanted && !isQueued)
    if (tasks.length > 0) void this.#look(tasks, priority)
    return true
  }

  async #look(tasks: readonly TextTask[], priority: Priority): Promise<void> {
    this.#isRunning[priority] = true
    const found = await this.#cache.find(tasks, this.#dim, priority)
    this.#isRunning[priority] = false
    this.#onFound(tasks.map((task, index) => [task, found[index]]))
  }
}
