import type { EmbeddingLookup, EmbeddingStore } from '../store/embeddings/embedding-store.js'
import type { StoredPartition } from '../store/embeddings/stored-block.js'
import type { StoredVector } from '../store/embeddings/stored-vector.js'
import { digestText } from '../store/embeddings/text-digest.js'
import type { Priority } from '../wire/protocol.js'
import { within } from '@nestling/kit/calls/within'
import type { TextTask } from './text-task.js'

/** A look-up that takes longer is none: a list waits for a slow disk, a query no longer than for a slice of other work. */
const LIMIT_MS: Readonly<Record<Priority, number>> = { background: 1000, interactive: 100 }

/** What a cache is made of. */
export interface EmbeddingCacheParts {
  readonly store: EmbeddingStore
  /** What all vectors of the model have in common. */
  readonly facts: Omit<StoredPartition, 'prompt' | 'onTruncate'>
  /** Told when the store fails or does not answer. */
  readonly onFailure: (error: unknown) => void
  /** How long a look-up may take. */
  readonly limitMs?: Readonly<Record<Priority, number>>
}

/**
 * Looks vectors of one model up, and keeps new ones. Nothing here rejects or waits for long: where the store fails or hangs, every text
 * is one that was not found.
 */
export class VectorCache {
  readonly #parts: EmbeddingCacheParts
  readonly #partitions = new Map<string, EmbeddingLookup>()
  /** Look-ups that nobody waits for any more; as long as there are some no other one is begun. */
  #lateCount = 0
  /** Texts that were answered from the store. */
  hits = 0
  /** Texts that were not, and had to be encoded. */
  misses = 0

  /**
   * Starts without looking anything up.
   *
   * @param parts - Store and model.
   */
  constructor(parts: EmbeddingCacheParts) {
    this.#parts = parts
  }

  /** Digests a text, once. */
  digestOf(task: TextTask): string {
    task.digest ??= digestText(task.facts.text)
    return task.digest
  }

  /**
   * Looks texts up.
   *
   * @param dim - Length of the model's vectors.
   * @param priority - How long it may take.
   * @returns A vector a text, at least as long as those need who wait for it; `undefined` where there is none.
   */
  async find(
    tasks: readonly TextTask[],
    dim: number,
    priority: Priority,
  ): Promise<readonly (StoredVector | undefined)[]> {
    const none = tasks.map(() => undefined)
    if (this.#lateCount > 0) return none
    const looking = this.#look(tasks, dim)
    try {
      const found = await within(looking, (this.#parts.limitMs ?? LIMIT_MS)[priority])
      if (found !== undefined) return found
      this.#awaitLate(looking)
      if (priority === 'background') this.#parts.onFailure(new Error('the browser did not answer in time'))
    } catch (error) {
      this.#parts.onFailure(error)
    }
    return none
  }

  /**
   * Keeps a vector, cut to what its text's requests ask to be kept.
   *
   * @param vector - Its vector, as the model gave it; it is copied.
   */
  put(task: TextTask, vector: Float32Array): void {
    if (task.cacheDim === 0) return
    this.misses++
    const stored = { vector: vector.slice(0, task.cacheDim), tokenCount: task.tokenCount }
    this.#partitionOf(task).put(this.digestOf(task), stored)
  }

  /** Looks each prompt's texts up in its own part of the store. */
  async #look(tasks: readonly TextTask[], dim: number): Promise<readonly (StoredVector | undefined)[]> {
    const placesOf = new Map<EmbeddingLookup, number[]>()
    for (const [place, task] of tasks.entries()) {
      const partition = this.#partitionOf(task)
      const places = placesOf.get(partition)
      if (places === undefined) placesOf.set(partition, [place])
      else places.push(place)
    }
    const all: (StoredVector | undefined)[] = tasks.map(() => undefined)
    for (const [partition, places] of placesOf) {
      const wanted = places.map((place) => {
        const task = tasks[place] as TextTask
        return { digest: this.digestOf(task), dim: Math.min(task.neededDim, dim) }
      })
      const found = await partition.find(wanted)
      found.forEach((stored, index) => (all[places[index] as number] = stored))
    }
    return all
  }

  #partitionOf({ facts: { prompt, isChunked } }: TextTask): EmbeddingLookup {
    const key = `${isChunked ? 1 : 0}${prompt}`
    let partition = this.#partitions.get(key)
    if (partition === undefined) {
      const { store, facts } = this.#parts
      partition = store.partition({ ...facts, prompt, onTruncate: isChunked ? 'chunk' : 'truncate' })
      this.#partitions.set(key, partition)
    }
    return partition
  }

  #awaitLate(looking: Promise<unknown>): void {
    this.#lateCount++
    const end = (): void => {
      this.#lateCount--
    }
    looking.then(end, end)
  }
}
