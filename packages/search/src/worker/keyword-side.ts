import { createKeywordIndex } from '../keywords/create-keyword-index.js'
import { readFieldBoosts } from '../keywords/field-boosts.js'
import type { KeywordDocument, KeywordIndex, KeywordIndexOptions } from '../keywords/keyword-index.js'
import type { DocumentId } from '../wire/document-id.js'
import { nextTask } from '@nestling/kit/calls/next-task'
import { fieldNames, toKeywordDocument } from './field-texts.js'
import type { ContentsListener } from './index-contents.js'
import type { StoredContents } from './stored-contents.js'
import type { KeptDocument } from '../wire/protocol.js'

/** Texts that are indexed between two looks for messages: about 10 ms. */
const STEP_TEXTS = 50

/** Changes are written when no other has come for this long: the words of an index are one record. */
const WRITE_DELAY_MS = 2000

/** The words of an index: made of its texts at the first search that needs them, kept with it, and changed as it changes. */
export class KeywordSide implements ContentsListener {
  readonly #options: KeywordIndexOptions
  readonly #names: readonly string[]
  #index: KeywordIndex | undefined
  #making: Promise<KeywordIndex> | undefined
  /** Changes that come while the index is being made. */
  #late: ((index: KeywordIndex) => void)[] | undefined
  #generation = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isWritten = true

  /**
   * Starts without words.
   *
   * @throws {TypeError} If a field is not well formed.
   * @throws {RangeError} If a boost is out of range.
   */
  constructor(options: KeywordIndexOptions) {
    this.#options = options
    this.#names = fieldNames(options)
    readFieldBoosts(options)
  }

  /** {@inheritDoc ContentsListener.onAdd} */
  onAdd(documents: readonly KeptDocument[]): void {
    this.#change((index) => {
      index.add(this.#textsOf(documents))
    })
  }

  /** {@inheritDoc ContentsListener.onRemove} */
  onRemove(ids: readonly DocumentId[]): void {
    this.#change((index) => {
      index.remove(ids)
    })
  }

  /** {@inheritDoc ContentsListener.onClear} */
  onClear(): void {
    this.#generation++
    this.#index = undefined
    this.#making = undefined
    this.#late = undefined
    clearTimeout(this.#timer)
    this.#isWritten = true
  }

  /**
   * Gives the words of an index, made where that was not done yet.
   *
   * @param stored - The index, up to date.
   */
  async get(stored: StoredContents): Promise<KeywordIndex> {
    if (this.#index !== undefined) return this.#index
    this.#making ??= this.#make(stored)
    return this.#making
  }

  /**
   * Writes the words of an index that changed a moment ago.
   *
   * @returns When they are written, or could not be: they can be made again.
   */
  async write(stored: StoredContents): Promise<void> {
    clearTimeout(this.#timer)
    const { store, version } = stored
    if (store === undefined || this.#index === undefined || this.#isWritten) return
    this.#isWritten = true
    await store.putKeywords({ version, bytes: this.#index.toBytes() }).catch(() => undefined)
  }

  /**
   * Writes them when nothing has changed for a while.
   *
   * @param stored - The index.
   */
  writeSoon(stored: StoredContents): void {
    if (this.#isWritten) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.write(stored), WRITE_DELAY_MS)
  }

  async #make(stored: StoredContents): Promise<KeywordIndex> {
    const generation = this.#generation
    const late: ((index: KeywordIndex) => void)[] = []
    this.#late = late
    const { contents, store, version } = stored
    const places = [...(contents?.documents.places() ?? [])]
    const empty = await createKeywordIndex(this.#options)
    const read = await readLike(empty, await store?.keywords(version).catch(() => undefined))
    const index = read ?? empty
    if (read === undefined) {
      for (let start = 0; start < places.length; start += STEP_TEXTS) {
        const step = places.slice(start, start + STEP_TEXTS).flatMap((place) => contents?.documents.at(place) ?? [])
        index.add(this.#textsOf(step))
        await nextTask()
      }
    }
    for (const change of late) change(index)
    if (generation !== this.#generation) return this.get(stored)
    this.#late = undefined
    this.#index = index
    this.#isWritten = read !== undefined && late.length === 0
    this.writeSoon(stored)
    return index
  }

  #textsOf(documents: readonly KeptDocument[]): KeywordDocument[] {
    return documents.flatMap((document) => toKeywordDocument(document, this.#names) ?? [])
  }

  #change(change: (index: KeywordIndex) => void): void {
    if (this.#index !== undefined) {
      change(this.#index)
      this.#isWritten = false
    } else {
      this.#late?.push(change)
    }
  }
}

/** Words that cannot be read, as those of another version or other fields, are made again. */
async function readLike({ boosts }: KeywordIndex, bytes: Uint8Array | undefined): Promise<KeywordIndex | undefined> {
  const read = bytes === undefined ? undefined : await createKeywordIndex(bytes).catch(() => undefined)
  return JSON.stringify([...(read?.boosts ?? [])]) === JSON.stringify([...boosts]) ? read : undefined
}
