import { isThenable } from '@nestling/kit/options/value-kinds'
import type { HostLink } from './host-link.js'
import { requestWith, type ResolvedIndexOptions } from './index-options.js'
import type { SearchEmbedder } from './search-embedder.js'

/** The embedder of an index, which may come later: words can be searched meanwhile. */
export class IndexModel {
  readonly #options: ResolvedIndexOptions
  readonly #link: HostLink
  readonly #arrival: Promise<SearchEmbedder> | undefined
  #embedder: SearchEmbedder | undefined

  constructor(options: ResolvedIndexOptions, link: HostLink) {
    this.#options = options
    this.#link = link
    const { embedder } = options
    if (!isThenable(embedder)) {
      this.#embedder = embedder
      return
    }
    this.#arrival = Promise.resolve(embedder).then((arrived) => (this.#embedder = arrived))
    // Whoever needs it is told why it does not come.
    this.#arrival.catch(() => undefined)
  }

  /** Whether there will be one. */
  get isExpected(): boolean {
    return this.isHere || this.#arrival !== undefined
  }

  /** Whether it is there now. */
  get isHere(): boolean {
    return this.#embedder !== undefined
  }

  /**
   * Waits for it, and makes sure that the index may be of it.
   *
   * @throws {EmbedderError} `space-mismatch` if the documents are of another model, `disposed`; what its promise rejects with.
   */
  async get(): Promise<SearchEmbedder> {
    if (this.#arrival === undefined) return this.#embedder as SearchEmbedder
    const embedder = await this.#link.whileOpen(this.#arrival)
    await this.#link.adopt(requestWith(this.#options, embedder))
    return embedder
  }
}
