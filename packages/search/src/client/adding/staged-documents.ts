import { callListener } from '@nestling/kit/calls/call-listener'
import { untilAborted } from '@nestling/kit/calls/until-aborted'
import type { DocumentPortion } from '../../wire/protocol.js'
import { describe } from './document-rows.js'
import type { HostLink } from '../host-link.js'
import { movingArrays } from '../search-connection.js'
import type { AddOptions, IndexDocument } from '../search-index.js'

/** Documents that are compared at once, and UTF-16 units of their texts after which no other joins them: about 2 ms to send. */
const COMPARED_DOCUMENTS = 500
const COMPARED_LENGTH = 250_000

/** Documents of one change on their way into the worker, which tells how far they are. */
export class StagedDocuments<M extends object> {
  readonly #link: HostLink
  readonly #change: number
  readonly #documents: readonly IndexDocument<M>[]
  readonly #options: Pick<AddOptions, 'signal' | 'onProgress'>
  #done = 0

  constructor(
    link: HostLink,
    change: number,
    documents: readonly IndexDocument<M>[],
    options: Pick<AddOptions, 'signal' | 'onProgress'>,
  ) {
    this.#link = link
    this.#change = change
    this.#documents = documents
    this.#options = options
  }

  /**
   * Finds the documents whose vectors must be made; the others are in the change.
   *
   * @param encodingsOf - Says how vectors come from their texts; `undefined` where nobody knows.
   */
  async compare(
    encodingsOf: (documents: readonly IndexDocument<M>[]) => readonly string[] | undefined,
  ): Promise<readonly IndexDocument<M>[]> {
    const all = this.#documents
    const changed: IndexDocument<M>[] = []
    for (let start = 0, end = 0; start < all.length; start = end) {
      for (let length = 0; end < all.length && end - start < COMPARED_DOCUMENTS && length < COMPARED_LENGTH; end++) {
        length += all[end]?.text?.length ?? 0
      }
      const some = all.slice(start, end)
      const asked = this.#link.call('compare', this.#change, describe(some, encodingsOf(some)))
      const marks = await untilAborted(asked, this.#options.signal)
      const left = some.filter((_, index) => marks[index] === 1)
      changed.push(...left)
      this.#tell(some.length - left.length)
    }
    return changed
  }

  /** Sends documents with their vectors. */
  async stage(portions: AsyncIterable<DocumentPortion>): Promise<void> {
    for await (const portion of portions) {
      const moved = movingArrays(portion, [portion.rowCounts, portion.spans, portion.vectors])
      await untilAborted(this.#link.call('stage', this.#change, moved), this.#options.signal)
      this.#tell(portion.ids.length)
    }
  }

  /** Lets the worker forget them. */
  discard(): void {
    void this.#link.call('discard', this.#change).catch(() => undefined)
  }

  /** Documents that changed since they were compared come twice. */
  #tell(count: number): void {
    const total = this.#documents.length
    const done = Math.min(total, this.#done + count)
    if (done === this.#done) return
    this.#done = done
    callListener(this.#options.onProgress, { done, total })
  }
}
