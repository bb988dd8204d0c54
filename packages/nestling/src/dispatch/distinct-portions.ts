import type { Portion } from './job.js'
import { PORTION_TEXTS, PORTION_UNITS } from './portions.js'

/** Texts that are looked at for one message; a list of equal ones would go on for long otherwise. */
const SCANNED_TEXTS = 8192

/** Portions that each host should get: the more, the less the last ones wait for the slowest; the fewer, the fewer messages. */
const PORTIONS_PER_HOST = 4

/** UTF-16 units of the smallest portion of a shared call. With 2000, two workers gained 1.5 to 1.6 on 512 sentences; with this, 1.7 to 1.9. */
const MIN_SHARED_UNITS = 700

/** Cuts a list so that no single message to a worker holds the main thread up, and no text is sent twice. */
export class DistinctPortions {
  readonly #texts: readonly string[]
  readonly #places = new Map<string, number>()
  /** Of each text before `#next` the place of the first one that is equal. */
  readonly #firstPlaces: Int32Array
  #next = 0
  #unitsLeft = 0

  constructor(texts: readonly string[]) {
    this.#texts = texts
    this.#firstPlaces = new Int32Array(texts.length)
    for (const { length } of texts) this.#unitsLeft += length
  }

  /** Whether all texts were taken. */
  get isEmpty(): boolean {
    return this.#next >= this.#texts.length
  }

  /** UTF-16 units of the texts that were not taken, which are about as much work for each model. */
  get unitsLeft(): number {
    return this.#unitsLeft
  }

  /**
   * Cuts texts that were not sent before for one of so many hosts; where several share the list, portions shrink towards its end. There may
   * be no text in it although more are to come. `onCopy` is told the first place of each text that is left out.
   */
  take(hosts: number, onCopy: (firstPlace: number) => void): Portion {
    const places: number[] = []
    const texts: string[] = []
    const end = Math.min(this.#texts.length, this.#next + SCANNED_TEXTS)
    const maxUnits = this.#maxUnits(hosts)
    let units = 0
    for (; this.#next < end && texts.length < PORTION_TEXTS && units < maxUnits; this.#next++) {
      const text = this.#texts[this.#next] as string
      units += text.length
      const first = this.#places.get(text) ?? this.#next
      this.#firstPlaces[this.#next] = first
      if (first === this.#next) {
        this.#places.set(text, first)
        places.push(first)
        texts.push(text)
      } else {
        onCopy(first)
      }
    }
    this.#unitsLeft -= units
    return { places, texts }
  }

  /** Lists the texts that were left out, each with the first one that is equal. */
  *copies(): Generator<readonly [place: number, firstPlace: number], void, undefined> {
    for (const [place, first] of this.#firstPlaces.entries()) {
      if (first !== place) yield [place, first]
    }
  }

  #maxUnits(hosts: number): number {
    if (hosts === 1) return PORTION_UNITS
    return Math.min(PORTION_UNITS, Math.max(MIN_SHARED_UNITS, this.#unitsLeft / (hosts * PORTIONS_PER_HOST)))
  }
}
