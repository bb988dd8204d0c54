import { PORTION_TEXTS, PORTION_UNITS } from './portions.js'

/** Part of a list of texts, without those that are equal to an earlier one of the list. */
export interface DistinctPortion {
  /** Places of the texts in the list. */
  readonly indices: readonly number[]
  readonly texts: readonly string[]
}

/** Texts that are looked at for one message; a list of equal ones would go on for long otherwise. */
const SCANNED_TEXTS = 8192

/** Cuts a list so that no single message to the worker holds the main thread up, and no text is sent twice. */
export class DistinctPortions {
  readonly #texts: readonly string[]
  readonly #places = new Map<string, number>()
  /** Of each text before `#next` the place of the first one that is equal. */
  readonly #firstPlaces: Int32Array
  #next = 0

  /**
   * Starts at the first text.
   *
   * @param texts - The list.
   */
  constructor(texts: readonly string[]) {
    this.#texts = texts
    this.#firstPlaces = new Int32Array(texts.length)
  }

  /** Whether all texts were taken. */
  get isEmpty(): boolean {
    return this.#next >= this.#texts.length
  }

  /**
   * Cuts the next portion.
   *
   * @param onCopy - Told the first place of each text that is left out.
   * @returns Texts that were not sent before; may be none although more are to come.
   */
  take(onCopy: (firstPlace: number) => void): DistinctPortion {
    const indices: number[] = []
    const texts: string[] = []
    const end = Math.min(this.#texts.length, this.#next + SCANNED_TEXTS)
    for (let units = 0; this.#next < end && texts.length < PORTION_TEXTS && units < PORTION_UNITS; this.#next++) {
      const text = this.#texts[this.#next] as string
      units += text.length
      const first = this.#places.get(text) ?? this.#next
      this.#firstPlaces[this.#next] = first
      if (first === this.#next) {
        this.#places.set(text, first)
        indices.push(first)
        texts.push(text)
      } else {
        onCopy(first)
      }
    }
    return { indices, texts }
  }

  /**
   * Lists the texts that were left out.
   *
   * @returns Pairs of a place and the first place with an equal text.
   */
  *copies(): Generator<readonly [place: number, firstPlace: number], void, undefined> {
    for (const [place, first] of this.#firstPlaces.entries()) {
      if (first !== place) yield [place, first]
    }
  }
}
