import type { SemanticEmbedderCreateOptions } from './semantic-embedder-shape.js'

/** `loaded` is a multiple of 1 / 65536: coarse enough to give the size of no file away. */
const STEPS = 0x10000

/** Tells a monitor how much of a model is here, as the proposed APIs do. */
export class DownloadMonitor {
  readonly #target: EventTarget | undefined
  #last = -1

  /**
   * Hands the monitor its target.
   *
   * @param monitor - What the caller of `create` gave.
   * @throws {unknown} What it throws.
   */
  constructor(monitor: SemanticEmbedderCreateOptions['monitor']) {
    if (monitor === undefined) return
    this.#target = new EventTarget()
    monitor(this.#target)
  }

  /**
   * Sends an event where there is news: `loaded` only grows.
   *
   * @param fraction - What is done, from 0 to 1.
   */
  tell(fraction: number): void {
    const loaded = Math.floor(Math.min(1, fraction) * STEPS) / STEPS
    if (this.#target === undefined || !(loaded > this.#last)) return
    this.#last = loaded
    this.#target.dispatchEvent(new ProgressEvent('downloadprogress', { loaded, total: 1, lengthComputable: true }))
  }
}
