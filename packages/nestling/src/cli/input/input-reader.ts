import { createHash, type Hash } from 'node:crypto'
import { CliError } from '../cli-error.js'
import { byteLines, MOST_BYTES, openSource, type ByteSource } from './byte-lines.js'
import { csvRecord, hasOddQuotes, readHeader, type CsvHeader } from './csv-record.js'
import { jsonRecord } from './json-record.js'
import type { InputOptions, InputRecord } from './record.js'

/** Some records in a row. */
export interface InputPart {
  readonly records: readonly InputRecord[]
  /** Digest of the input up to the last of them. */
  readonly digest: string
}

/** Reads records of an input, and keeps a digest of all it has read. */
export class InputReader {
  readonly #options: InputOptions
  readonly #source: ByteSource
  readonly #lines: AsyncGenerator<Buffer, void, undefined>
  readonly #records: AsyncGenerator<InputRecord, void, undefined>
  readonly #hash: Hash = createHash('sha256')
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #line = 0
  #bytes = 0

  /** @param options - What to read. */
  constructor(options: InputOptions) {
    this.#options = options
    this.#source = openSource(options.path)
    this.#lines = byteLines(this.#source)
    this.#records = this.#read()
  }

  /**
   * Reads the next records.
   *
   * @param most - How many at most.
   * @returns Fewer at the end, none behind it.
   * @throws {CliError} If the input cannot be read or is not of its format.
   */
  async readPart(most: number): Promise<InputPart> {
    const records: InputRecord[] = []
    while (records.length < most) {
      const next = await this.#records.next()
      if (next.done === true) break
      records.push(next.value)
    }
    return { records, digest: this.#hash.copy().digest('hex') }
  }

  /**
   * Passes records over.
   *
   * @returns How many there were, and the digest behind them.
   */
  async skip(count: number): Promise<{ readonly skipped: number; readonly digest: string }> {
    let skipped = 0
    while (skipped < count && (await this.#records.next()).done !== true) skipped++
    return { skipped, digest: this.#hash.copy().digest('hex') }
  }

  /** Closes the input, also while it is being read: a pipe may stay silent for ever. */
  close(): void {
    this.#source.stream.destroy()
  }

  async *#read(): AsyncGenerator<InputRecord, void, undefined> {
    const { format, column, idColumn } = this.#options
    let header: CsvHeader | undefined
    for (;;) {
      const text = await this.#next(format === 'csv')
      if (text === undefined) return
      const place = { name: this.#source.name, line: this.#line, endByte: this.#bytes }
      if (format === 'lines') yield { text: text.replace(/\r$/, ''), id: undefined, fields: {}, endByte: this.#bytes }
      else if (/^\s*$/.test(text)) continue
      else if (format === 'jsonl') yield jsonRecord(text, { column, idColumn }, place)
      else if (header === undefined) header = readHeader(text, { column, idColumn }, place)
      else yield csvRecord(text, header, place)
    }
  }

  /** The next line; in CSV with those that a quote goes on to. */
  async #next(isCsv: boolean): Promise<string | undefined> {
    const lines: string[] = []
    let length = 0
    let isOpen = false
    for (;;) {
      const next = await this.#lines.next()
      if (next.done === true) return lines.length === 0 ? undefined : lines.join('\n')
      const line = this.#decode(next.value)
      lines.push(line)
      length += line.length + 1
      if (isCsv && hasOddQuotes(line)) isOpen = !isOpen
      if (!isOpen) return lines.join('\n')
      if (length > MOST_BYTES) throw this.#wrong('a quote that is opened must be closed again')
    }
  }

  #decode(bytes: Buffer): string {
    this.#line++
    this.#bytes += bytes.length + 1
    this.#hash.update(bytes).update('\n')
    try {
      const text = this.#decoder.decode(bytes)
      return this.#line === 1 ? text.replace(/^\uFEFF/, '') : text
    } catch {
      throw this.#wrong('it must be UTF-8', 'Save it as UTF-8')
    }
  }

  #wrong(rule: string, advice = 'Look at that line'): CliError {
    return new CliError(`Cannot read ${this.#source.name} as ${rule}: current line is ${this.#line}\n${advice}`)
  }
}
