import type { Segment } from '../store/stored-index.js'
import { failure } from '../wire/failure.js'
import type { CommitAnswer, DocumentPortion, GivenDocuments, OpenRequest } from '../wire/protocol.js'
import type { TableDocument } from '../documents/document-table.js'
import { digestOf } from '../documents/encoding-digest.js'
import type { IndexContents } from './index-contents.js'
import { checkDim, checkSpace } from './index-settings.js'
import { isEncodedAs, planUpdate } from './plan-update.js'
import { stagePortion } from './stage-portion.js'
import type { ContentsChange, StoredContents } from './stored-contents.js'

/** A change on its way. */
interface Staged {
  segments: Segment[]
  space: DocumentPortion['space']
  dim: number | undefined
  /** Documents that need no vectors. */
  encoded: TableDocument[]
}

/** Keeps changes until they are made: documents come in portions, and all of them at once into the index. */
export class StagedChanges {
  readonly #changes = new Map<number, Staged>()

  /**
   * Takes documents.
   *
   * @throws {RangeError} If the dims differ, or a vector has a component that is no finite number.
   * @throws {EmbedderError} `space-mismatch` if they are of two models.
   */
  stage(change: number, portion: DocumentPortion, { settings }: StoredContents, request: OpenRequest): void {
    const segment = stagePortion(portion, settings.precision, settings.similarity)
    const { dim, space } = portion
    const staged = this.#of(change)
    checkDim(staged.dim, dim)
    checkDim(request.dim, dim)
    checkSpace(staged.space ?? null, space)
    staged.dim = dim
    if (staged.segments.length === 0) staged.space = space
    staged.segments.push(segment)
    this.#changes.set(change, staged)
  }

  /**
   * Takes documents that have their vectors already, and tells which have not.
   *
   * @returns 1 for each that must be encoded.
   */
  compare(change: number, given: GivenDocuments, contents: IndexContents | undefined): Uint8Array {
    const staged = this.#of(change)
    this.#changes.set(change, staged)
    return Uint8Array.from(given.ids, (id, index) => {
      const text = given.texts[index] ?? null
      const digest = digestOf(given.encodings?.[index])
      const kept = contents?.documents.find(id)
      if (!isEncodedAs(kept, { text, digest })) return 1
      // The text that is there: that of the message is not to be kept beside it.
      staged.encoded.push({ id, text: kept.text, metadata: given.metadata[index] ?? null, digest })
      return 0
    })
  }

  /**
   * Makes sure that all documents of a change have come.
   *
   * @throws {EmbedderError} `worker-crashed` if some went to a worker that ended.
   */
  checkCount(change: number, count: number): void {
    const { segments, encoded } = this.#of(change)
    if (segments.reduce((sum, { ids }) => sum + ids.length, encoded.length) === count) return
    throw failure(
      'worker-crashed',
      'Cannot change the index as its worker stopped while documents were on their way: nothing was changed\nCall again',
      { details: { reason: 'documents are missing' } },
    )
  }

  /**
   * Makes the change of what was taken, for an index as it is now.
   *
   * @param isUpdate - Whether documents may be there.
   * @returns The change, and what it does; no change where there is nothing to write.
   * @throws {RangeError} If a document is there that may not be.
   */
  plan(
    change: number,
    isUpdate: boolean,
    stored: StoredContents,
  ): { readonly change: ContentsChange | undefined; readonly answer: CommitAnswer } {
    const { segments, encoded, space, dim } = this.#of(change)
    const { contents } = stored
    if (!isUpdate) checkNew(segments, contents)
    // What is compared must be comparable. Without documents the index may become any other.
    if (stored.identity !== undefined) {
      checkSpace(stored.space, space)
      checkDim(stored.identity.dim, dim ?? stored.identity.dim)
    }
    const { answer, segments: changed } = planUpdate(segments, encoded, contents)
    return { answer, change: changed.length === 0 ? undefined : { segments: changed, space, dim } }
  }

  /** Ends a change that was made, or lets documents that are no longer as they were come with their vectors. */
  settle(change: number, { stale }: CommitAnswer): void {
    if (stale.length === 0) {
      this.discard(change)
      return
    }
    const staged = this.#of(change)
    const again = new Set(stale)
    staged.encoded = staged.encoded.filter(({ id }) => !again.has(id))
  }

  /** Forgets a change. */
  discard(change: number): void {
    this.#changes.delete(change)
  }

  #of(change: number): Staged {
    return this.#changes.get(change) ?? { segments: [], space: undefined, dim: undefined, encoded: [] }
  }
}

function checkNew(segments: readonly Segment[], contents: IndexContents | undefined): void {
  const id = segments.flatMap(({ ids }) => ids).find((id) => contents?.documents.placeOf(id) !== undefined)
  if (id === undefined) return
  throw new RangeError(`Cannot add documents as ids must be new: current value is ${JSON.stringify(id)}\nUse update()`)
}
