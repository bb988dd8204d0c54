import type { Priority } from '../wire/protocol.js'
import type { TextPart, TextTask } from './text-task.js'

/** Share of a batch that may be padding; a few tokens more, as one run with some padding beats two tiny runs. */
const maxPadding = (tokens: number): number => tokens * 0.1 + 32

/**
 * Texts of one priority, in the order in which they run.
 *
 * Tokenized texts are gathered into a window, which is sorted by length and run to its end before the next one starts: little is
 * computed on padding, and no long text waits for ever behind short ones that keep coming.
 */
export class Lane {
  readonly #priority: Priority
  /** Not tokenized yet; read from `#next` on. */
  #waiting: TextTask[] = []
  #next = 0
  /** Tokenized, for the next window. */
  #ready: TextPart[] = []
  /** Sorted by length; read from `#first` on. */
  #window: readonly TextPart[] = []
  #first = 0

  /**
   * Starts empty.
   *
   * @param priority - Texts that were moved to another lane since are left out.
   */
  constructor(priority: Priority) {
    this.#priority = priority
  }

  /**
   * Adds a text at the end.
   *
   * @param task - The text, tokenized or not.
   */
  add(task: TextTask): void {
    if (task.parts.length > 0) this.addParts(task.parts)
    else this.#waiting.push(task)
  }

  /**
   * Adds a text that has been tokenized.
   *
   * @param parts - The text, or its chunks.
   */
  addParts(parts: readonly TextPart[]): void {
    for (const part of parts) this.#ready.push(part)
  }

  /**
   * Takes the next text that has to be tokenized.
   *
   * @returns The text; `undefined` when there is none.
   */
  takeWaiting(): TextTask | undefined {
    while (this.#next < this.#waiting.length) {
      const task = this.#waiting[this.#next++] as TextTask
      if (this.#isOurs(task) && task.parts.length === 0) return task
    }
    this.#waiting = []
    this.#next = 0
    return undefined
  }

  /** Puts a text back that was taken last, as tokenizing it is not done. */
  putBack(task: TextTask): void {
    this.#waiting[--this.#next] = task
  }

  /**
   * Takes what runs next: texts of like length, at least one.
   *
   * @param tokenBudget - Most tokens, padding included; a single text may exceed it.
   * @returns Parts with equal `skippedTokens`, the shortest first; empty when there are none.
   */
  takeBatch(tokenBudget: number): TextPart[] {
    const batch: TextPart[] = []
    let ownTokens = 0
    let batchSize = Infinity
    this.#refill()
    for (let part = this.#peek(); part !== undefined; part = this.#peek()) {
      const { length } = part.encoding.ids
      batchSize = Math.min(batchSize, part.task.batchSize)
      // Sorted upwards, so this part is the longest so far and sets the padded length.
      const tokens = (batch.length + 1) * length
      const padding = tokens - ownTokens - length
      const isFull = batch.length >= batchSize || tokens > tokenBudget || padding > maxPadding(tokens)
      if (batch[0] !== undefined && (isFull || !runTogether(batch[0], part))) break
      batch.push(part)
      ownTokens += length
      this.#first++
    }
    return batch
  }

  /** Opens the next window once the last one is empty; never within a batch, whose lengths must go up. */
  #refill(): void {
    if (this.#peek() !== undefined) return
    this.#window = this.#ready.sort(compareParts)
    this.#first = 0
    this.#ready = []
  }

  /** The next part of the window that is still wanted. */
  #peek(): TextPart | undefined {
    for (let part = this.#window[this.#first]; part !== undefined; part = this.#window[++this.#first]) {
      if (part.vector === undefined && this.#isOurs(part.task)) return part
    }
    return undefined
  }

  #isOurs(task: TextTask): boolean {
    return task.priority === this.#priority && task.isWanted
  }
}

function runTogether(a: TextPart, b: TextPart): boolean {
  return a.task.facts.group === b.task.facts.group && a.skippedTokens === b.skippedTokens
}

function compareParts(a: TextPart, b: TextPart): number {
  return (
    a.task.facts.group - b.task.facts.group ||
    a.skippedTokens - b.skippedTokens ||
    a.encoding.ids.length - b.encoding.ids.length
  )
}
