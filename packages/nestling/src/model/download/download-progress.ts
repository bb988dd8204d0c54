/** Bytes that have arrived and bytes that will, over the announced files of a load. */
export interface DownloadTotals {
  readonly loadedBytes: number
  /** `undefined` until the length of every announced file is known; the same number from then on. */
  readonly totalBytes: number | undefined
}

interface FileProgress {
  loaded: number
  total: number | undefined
}

/**
 * Adds up the bytes of files that arrive side by side. Only files that were announced count: weights and tokenizer. The small ones beside
 * them come before anybody knows how large those are, and a sum of what has come so far would call the download done.
 */
export class DownloadProgress {
  readonly #files = new Map<string, FileProgress>()
  readonly #onChange: (totals: DownloadTotals) => void
  #totalBytes: number | undefined

  /**
   * Starts at nothing.
   *
   * @param onChange - Told the totals after each change, and after bytes of other files too, which are a sign of life.
   */
  constructor(onChange: (totals: DownloadTotals) => void) {
    this.#onChange = onChange
  }

  /** Announces files that will be read. Once the sum was told it stays, and what is announced later does not count. */
  announce(paths: Iterable<string>): void {
    if (this.#totalBytes !== undefined) return
    for (const path of paths) if (!this.#files.has(path)) this.#files.set(path, { loaded: 0, total: undefined })
  }

  /**
   * Announces others in the place of a file that is not there.
   *
   * @param others - What is read instead.
   */
  replace(path: string, others: Iterable<string>): void {
    this.announce(others)
    if (this.#totalBytes === undefined) this.#files.delete(path)
  }

  /**
   * Takes the length of a file. One that was not announced does not count.
   *
   * @param total - Its bytes, where known.
   */
  expect(path: string, total: number | undefined): void {
    const file = this.#files.get(path)
    if (file !== undefined) file.total ??= total
  }

  /**
   * Counts bytes that arrived.
   *
   * @param path - The file.
   * @param bytes - How many more.
   */
  add(path: string, bytes: number): void {
    const file = this.#files.get(path)
    if (file !== undefined) file.loaded += bytes
    this.#tell()
  }

  /** Takes back what was counted of a file, as it is read from its start again. */
  restart(path: string): void {
    const file = this.#files.get(path)
    if (file !== undefined) file.loaded = 0
  }

  /** Says that a file is complete, whatever its server had announced (a compressed answer announces fewer bytes). */
  finish(path: string): void {
    const file = this.#files.get(path)
    if (file !== undefined && this.#totalBytes === undefined) file.total = file.loaded
    else if (file?.total !== undefined) file.loaded = file.total
    this.#tell()
  }

  #tell(): void {
    let loadedBytes = 0
    let totalBytes: number | undefined = this.#files.size === 0 ? undefined : 0
    for (const { loaded, total } of this.#files.values()) {
      loadedBytes += Math.min(loaded, total ?? Infinity)
      totalBytes = totalBytes === undefined || total === undefined ? undefined : totalBytes + total
    }
    this.#totalBytes ??= totalBytes
    this.#onChange({ loadedBytes, totalBytes: this.#totalBytes })
  }
}
