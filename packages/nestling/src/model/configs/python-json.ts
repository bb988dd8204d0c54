/** Where a text stops being JSON. */
export class JsonError extends Error {
  /** Tells it from other errors. */
  override readonly name = 'JsonError'
}

/** Deeper than any real file, and far from the end of a stack. */
const MAX_DEPTH = 512

/** Numbers that Python's `json` writes and reads although JSON has none of them. */
const CONSTANTS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  NaN: NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
}

const SPACES = /[ \t\n\r]*/y
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y
const WORD = /-?[A-Za-z]\w*/y

/**
 * Reads JSON as Python's `json.loads` does: with `NaN`, `Infinity` and `-Infinity`. Of two equal keys the last counts, and a byte order
 * mark at the start is passed over.
 *
 * What is JSON goes through `JSON.parse`; the rest is read once more, slowly, for its constants or for the place of its fault, which no
 * two engines tell alike.
 *
 * @returns Its value.
 * @throws {JsonError} If it is no JSON of Python's: what was found, with line and column.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return new Reader(text).readAll()
  }
}

class Reader {
  readonly #text: string
  #at: number
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#at = text.startsWith('\uFEFF') ? 1 : 0
  }

  readAll(): unknown {
    const value = this.#readValue()
    this.#skipSpaces()
    if (this.#at < this.#text.length) throw this.#fault('the end')
    return value
  }

  #readValue(): unknown {
    this.#skipSpaces()
    const char = this.#text[this.#at]
    if (char === '{' || char === '[') return this.#readInner(char)
    if (char === '"') return this.#readString('a value')
    const number = this.#match(NUMBER)
    if (number !== undefined) return Number(number)
    const start = this.#at
    const word = this.#match(WORD)
    if (word !== undefined && Object.hasOwn(CONSTANTS, word)) return CONSTANTS[word]
    this.#at = start
    throw this.#fault('a value')
  }

  #readInner(char: '{' | '['): unknown {
    if (++this.#depth > MAX_DEPTH) throw this.#fault(`at most ${MAX_DEPTH} levels`)
    this.#at++
    const value = char === '{' ? this.#readObject() : this.#readList()
    this.#depth--
    return value
  }

  #readObject(): unknown {
    const entries: [string, unknown][] = []
    for (let isFirst = true; !this.#take('}'); isFirst = false) {
      if (!isFirst) this.#expect(',', ', or }')
      this.#skipSpaces()
      const key = this.#readString('a key in quotes')
      this.#expect(':', ':')
      entries.push([key, this.#readValue()])
    }
    // Unlike an assignment, this makes a property of `__proto__` too.
    return Object.fromEntries(entries)
  }

  #readList(): unknown[] {
    const items: unknown[] = []
    for (let isFirst = true; !this.#take(']'); isFirst = false) {
      if (!isFirst) this.#expect(',', ', or ]')
      items.push(this.#readValue())
    }
    return items
  }

  #readString(expected: string): string {
    const start = this.#at
    const literal = this.#match(STRING)
    if (literal === undefined) throw this.#fault(expected)
    try {
      return JSON.parse(literal) as string
    } catch {
      this.#at = start
      throw this.#fault('a string without control characters and unknown escapes')
    }
  }

  #take(char: string): boolean {
    this.#skipSpaces()
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #expect(char: string, expected: string): void {
    if (!this.#take(char)) throw this.#fault(expected)
  }

  #skipSpaces(): void {
    this.#match(SPACES)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #fault(expected: string): JsonError {
    const before = this.#text.slice(0, this.#at)
    const line = before.split('\n').length
    const column = this.#at - before.lastIndexOf('\n')
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text.slice(this.#at, this.#at + 12)) : 'the end'
    return new JsonError(`${expected} must stand at line ${line}, column ${column}: current text there is ${found}`)
  }
}
