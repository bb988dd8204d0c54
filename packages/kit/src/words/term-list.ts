import { editDistance } from './edit-distance.js'

/** A term that is near to a word. */
export interface NearTerm {
  readonly term: number
  readonly edits: number
}

/** All terms of an index, with a number for each. */
export class TermList {
  readonly #numbers = new Map<string, number>()
  readonly #texts: string[] = []
  /** Terms that are in the tables below: they are filled when a word is first looked for by its letters. */
  #tabled = 0
  /** By number of code points. */
  readonly #byLength: number[][] = []
  /** By the first two units. */
  readonly #byStart = new Map<string, number[]>()
  readonly #masks: number[] = []

  /** Starts with terms that all differ. */
  constructor(texts: readonly string[]) {
    for (const text of texts) this.add(text)
  }

  get size(): number {
    return this.#texts.length
  }

  get texts(): readonly string[] {
    return this.#texts
  }

  /** The number of a term; `undefined` of one that was never added. */
  numberOf(text: string): number | undefined {
    return this.#numbers.get(text)
  }

  /** The number of a term, a new one where it is new. */
  add(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#texts.length
    this.#numbers.set(text, number)
    this.#texts.push(text)
    return number
  }

  /** Terms in which at most that many letters are off. */
  near(word: string, most: number): NearTerm[] {
    this.#fillTables()
    const letters = lettersOf(word)
    const mask = maskOf(letters)
    const found: NearTerm[] = []
    for (let length = Math.max(1, letters.length - most); length <= letters.length + most; length++) {
      for (const term of this.#byLength[length] ?? []) {
        const other = this.#masks[term] as number
        // Each letter that is off brings at most one that the other word has not, and takes one.
        if (bitsOf(mask & ~other) > most || bitsOf(other & ~mask) > most) continue
        const edits = editDistance(letters, lettersOf(this.#texts[term] as string), most)
        if (edits <= most) found.push({ term, edits })
      }
    }
    return found
  }

  /** Terms that begin with a word of at least two units, and are longer. */
  begun(word: string): number[] {
    this.#fillTables()
    const terms = this.#byStart.get(word.slice(0, 2)) ?? []
    return terms.filter((term) => {
      const text = this.#texts[term] as string
      return text.length > word.length && text.startsWith(word)
    })
  }

  #fillTables(): void {
    for (; this.#tabled < this.#texts.length; this.#tabled++) {
      const text = this.#texts[this.#tabled] as string
      const letters = lettersOf(text)
      this.#masks.push(maskOf(letters))
      ;(this.#byLength[letters.length] ??= []).push(this.#tabled)
      const start = text.slice(0, 2)
      const same = this.#byStart.get(start)
      if (same === undefined) this.#byStart.set(start, [this.#tabled])
      else same.push(this.#tabled)
    }
  }
}

/** Code points. */
function lettersOf(word: string): number[] {
  return Array.from(word, (letter) => letter.codePointAt(0) as number)
}

/** A bit for each letter that a word has; letters of Latin have one each. */
function maskOf(letters: readonly number[]): number {
  let mask = 0
  for (const letter of letters) mask |= 1 << (letter & 31)
  return mask
}

function bitsOf(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
