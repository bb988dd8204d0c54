/** Bytes that have arrived and bytes that will, over all files of a load. */
export interface DownloadTotals {
  readonly loadedBytes: number
  /** `undefined` while a file in progress has not said its length. */
  readonly totalBytes: number | undefined
}

/** Adds up the bytes of files that arrive side by side. */
export class DownloadProgress {
  readonly #files = new Map<string, { loaded: number; total: number | undefined }>()
  readonly #onChange: (totals: DownloadTotals) => void

  /**
   * Starts at nothing.
   *
   * @param onChange - Told the totals after each change.
   */
  constructor(onChange: (totals: DownloadTotals) => void) {
    this.#onChange = onChange
  }

  /**
   * Announces a file before its first byte, so that totals do not jump later.
   *
   * @param path - The file.
   * @param total - Its bytes, where known.
   */
  expect(path: string, total: number | undefined): void {
    const file = this.#files.get(path)
    if (file === undefined) this.#files.set(path, { loaded: 0, total })
    else file.total ??= total
  }

  /**
   * Counts bytes that arrived.
   *
   * @param path - The file.
   * @param bytes - How many more.
   */
  add(path: string, bytes: number): void {
    this.expect(path, undefined)
    const file = this.#files.get(path)
    if (file === undefined) return
    file.loaded += bytes
    this.#onChange(this.totals)
  }

  /**
   * Takes back what was counted of a file, as it is read from its start again.
   *
   * @param path - The file.
   */
  restart(path: string): void {
    const file = this.#files.get(path)
    if (file !== undefined) file.loaded = 0
  }

  /**
   * Says that a file is complete, whatever its server had announced (a compressed answer announces fewer bytes).
   *
   * @param path - The file.
   */
  finish(path: string): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    file.total = file.loaded
    this.#onChange(this.totals)
  }

  /** Sums over all files so far. */
  get totals(): DownloadTotals {
    let loadedBytes = 0
    let totalBytes: number | undefined = 0
    for (const file of this.#files.values()) {
      loadedBytes += file.loaded
      totalBytes =
        totalBytes === undefined || file.total === undefined
          ? undefined
          : totalBytes + Math.max(file.total, file.loaded)
    }
    return { loadedBytes, totalBytes }
  }
}
