import { nextTask } from '@nestling/kit/calls/next-task'
import { checkVerdict } from '../../wire/check-verdict.js'
import type { DocumentId } from '../../wire/document-id.js'
import type { DocumentChoice, Metadata, MetadataPortion } from '../../wire/protocol.js'
import type { ResolvedFilter } from './metadata-filter.js'
import { readPortions } from './read-portions.js'

/** Longest stretch of work of the caller's function before the page may handle input. */
const SLICE_MS = 4

/** Metadata of all documents, as they were at one moment. */
interface KnownMetadata {
  readonly version: number
  readonly ids: (DocumentId | null)[]
  readonly metadata: (Metadata | null)[]
}

/** Runs a filter of the page over the metadata of all documents, which it keeps until they change. */
export class AllowedDocuments {
  readonly #read: (from: number) => Promise<MetadataPortion>
  #known: KnownMetadata | undefined

  /**
   * Starts without metadata.
   *
   * @param read - Asks the worker for metadata from a place on.
   */
  constructor(read: (from: number) => Promise<MetadataPortion>) {
    this.#read = read
  }

  /**
   * Does work on the documents that a filter chooses, and again where the index changed meanwhile.
   *
   * @param what - The call, for messages.
   * @param signal - Ends it.
   * @param work - Asks the worker; gives `undefined` where the marks are of another version.
   * @throws {TypeError} If a function gives anything but true or false.
   */
  async choose<M extends object, T>(
    what: string,
    { test, filter }: ResolvedFilter<M>,
    signal: AbortSignal | undefined,
    work: (choice: DocumentChoice) => Promise<T | undefined>,
  ): Promise<T> {
    for (;;) {
      const allowed = test && (await this.#mark(what, test, signal))
      const done = await work({ filter, allowed })
      if (done !== undefined) return done
      this.#known = undefined
    }
  }

  async #mark<M extends object>(
    what: string,
    test: NonNullable<ResolvedFilter<M>['test']>,
    signal: AbortSignal | undefined,
  ): Promise<NonNullable<DocumentChoice['allowed']>> {
    this.#known ??= await this.#readAll(signal)
    const { version, ids, metadata } = this.#known
    const bytes = new Uint8Array(ids.length)
    let started = performance.now()
    for (const [place, id] of ids.entries()) {
      if (id !== null && checkVerdict(what, 'filter', test((metadata[place] ?? {}) as Partial<M>, id))) bytes[place] = 1
      if (performance.now() - started < SLICE_MS) continue
      await nextTask()
      signal?.throwIfAborted()
      started = performance.now()
    }
    return { version, bytes }
  }

  async #readAll(signal: AbortSignal | undefined): Promise<KnownMetadata> {
    const portions = await readPortions(this.#read, signal)
    return {
      version: portions[0].version,
      ids: portions.flatMap(({ ids }) => ids),
      metadata: portions.flatMap(({ metadata }) => metadata),
    }
  }
}
