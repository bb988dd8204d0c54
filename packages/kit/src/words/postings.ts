import type { WordState } from './word-state.js'

/** Entries that are kept as they came until they are more than this and more than half of all. */
const MIN_RECENT = 65_536

/** How often a term is in documents: an entry for each field of a document that has it, in the order in which they were added. */
export interface Entries {
  readonly length: number
  readonly documents: Int32Array
  /** The field in the highest four bits, and how often. */
  readonly counts: Uint16Array
}

/** All entries, side by side for each term. */
export type SortedEntries = Pick<WordState, 'starts' | 'documents' | 'counts'>

/** Fields that an entry can name. */
export const MAX_FIELDS = 16

/** Higher ones are cut: the score does not grow any more. */
const MAX_COUNT = 4095

/** What {@link Entries} says of a field. */
export function fieldOf(count: number): number {
  return count >>> 12
}

/** How often, of {@link Entries}. */
export function timesOf(count: number): number {
  return count & MAX_COUNT
}

/** Which documents have which terms. Sorted by terms where they are many; what came last is a chain for each term. */
export class Postings {
  /** Where the entries of each term begin; one more for the end. */
  #starts: Uint32Array<ArrayBuffer>
  #documents: Int32Array<ArrayBuffer>
  #counts: Uint16Array<ArrayBuffer>
  #recent = 0
  #recentDocuments = new Int32Array(1024)
  #recentCounts = new Uint16Array(1024)
  /** The entry of the same term that came before. */
  #before = new Int32Array(1024)
  /** The last entry of each term; -1 where there is none. */
  #last = new Int32Array(1024).fill(-1)

  /** Starts with entries that are sorted by terms. */
  constructor({ starts, documents, counts }: SortedEntries) {
    this.#starts = starts
    this.#documents = documents
    this.#counts = counts
  }

  /** Adds an entry. Documents come in rising order, and the fields of each too. */
  append(term: number, document: number, field: number, times: number): void {
    const place = this.#recent
    if (place === this.#before.length) this.#grow()
    if (term >= this.#last.length) {
      const longer = new Int32Array(2 * term).fill(-1, this.#last.length)
      longer.set(this.#last)
      this.#last = longer
    }
    this.#recentDocuments[place] = document
    this.#recentCounts[place] = (field << 12) | Math.min(times, MAX_COUNT)
    this.#before[place] = this.#last[term] as number
    this.#last[term] = place
    this.#recent++
    if (this.#recent > Math.max(MIN_RECENT, this.#documents.length / 2)) this.sort(this.#last.length)
  }

  /** Whether a term has entries. */
  has(term: number): boolean {
    const [start, end] = this.#rangeOf(term)
    return end > start || this.#lastOf(term) >= 0
  }

  /** The entries of a term. */
  read(term: number): Entries {
    const [start, end] = this.#rangeOf(term)
    const count = this.#recentOf(term)
    if (count === 0) {
      const documents = this.#documents.subarray(start, end)
      return { length: end - start, documents, counts: this.#counts.subarray(start, end) }
    }
    const length = end - start + count
    const documents = new Int32Array(length)
    const counts = new Uint16Array(length)
    this.#copy(term, { documents, counts, start: 0 })
    return { length, documents, counts }
  }

  /** Sorts all by terms, of which there are so many. */
  sort(terms: number): SortedEntries {
    const total = this.#documents.length + this.#recent
    const starts = new Uint32Array(terms + 1)
    const documents = new Int32Array(total)
    const counts = new Uint16Array(total)
    let start = 0
    for (let term = 0; term < terms; term++) {
      starts[term] = start
      start = this.#copy(term, { documents, counts, start })
    }
    starts[terms] = start
    this.#starts = starts
    this.#documents = documents
    this.#counts = counts
    this.#recent = 0
    this.#last.fill(-1)
    return { starts, documents, counts }
  }

  #copy(term: number, to: { documents: Int32Array; counts: Uint16Array; start: number }): number {
    const [start, end] = this.#rangeOf(term)
    to.documents.set(this.#documents.subarray(start, end), to.start)
    to.counts.set(this.#counts.subarray(start, end), to.start)
    const stop = to.start + end - start + this.#recentOf(term)
    for (let at = stop - 1, place = this.#lastOf(term); place >= 0; at--, place = this.#before[place] as number) {
      to.documents[at] = this.#recentDocuments[place] as number
      to.counts[at] = this.#recentCounts[place] as number
    }
    return stop
  }

  #rangeOf(term: number): readonly [number, number] {
    if (term + 1 >= this.#starts.length) return [0, 0]
    return [this.#starts[term] as number, this.#starts[term + 1] as number]
  }

  #lastOf(term: number): number {
    return this.#last[term] ?? -1
  }

  #recentOf(term: number): number {
    let count = 0
    for (let place = this.#lastOf(term); place >= 0; place = this.#before[place] as number) count++
    return count
  }

  #grow(): void {
    const size = 2 * this.#before.length
    const longer = <T extends Int32Array | Uint16Array>(to: T, from: T): T => {
      to.set(from)
      return to
    }
    this.#recentDocuments = longer(new Int32Array(size), this.#recentDocuments)
    this.#recentCounts = longer(new Uint16Array(size), this.#recentCounts)
    this.#before = longer(new Int32Array(size), this.#before)
  }
}
