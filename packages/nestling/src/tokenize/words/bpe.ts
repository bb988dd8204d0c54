import { byteTokens } from './byte-fallback.js'
import { MergeTable } from './merge-table.js'
import type { TokenModel } from './token-model.js'
import { missingUnknownToken, unknownPart } from '../tokenizer-json.js'
import { WordCache } from './word-cache.js'

/** A `BPE` model in tokenizer.json. */
export interface BpeJson {
  readonly vocab: Readonly<Record<string, number>>
  /** Pairs, or in older files two tokens with a space between. */
  readonly merges: readonly (readonly [string, string] | string)[]
  readonly dropout?: number | null
  readonly unk_token?: string | null
  readonly continuing_subword_prefix?: string | null
  readonly end_of_word_suffix?: string | null
  readonly fuse_unk?: boolean | null
  readonly byte_fallback?: boolean | null
  readonly ignore_merges?: boolean | null
}

/**
 * Splits words into characters and joins pairs in the order in which training found them.
 *
 * @see `tokenizers/src/models/bpe/model.rs`
 */
export class Bpe implements TokenModel {
  readonly #vocab: ReadonlyMap<string, number>
  readonly #merges: MergeTable
  readonly #json: BpeJson
  readonly #bytes: ((text: string) => readonly number[] | undefined) | undefined
  readonly #cache = new WordCache()

  /**
   * Reads vocabulary and merges.
   *
   * @param json - The model.
   * @throws {EmbedderError} `model-unsupported` if it drops merges by chance.
   */
  constructor(json: BpeJson) {
    if (typeof json.dropout === 'number' && json.dropout > 0) throw unknownPart('dropout', String(json.dropout))
    this.#json = json
    this.#vocab = new Map(Object.entries(json.vocab))
    this.#merges = new MergeTable(this.#vocab, json.merges, json.continuing_subword_prefix ?? '')
    this.#bytes = json.byte_fallback === true ? byteTokens((token) => this.#vocab.get(token)) : undefined
  }

  /** {@inheritDoc Vocabulary.size} */
  get size(): number {
    return this.#vocab.size
  }

  /** {@inheritDoc Vocabulary.idOf} */
  idOf(token: string): number | undefined {
    return this.#vocab.get(token)
  }

  /** {@inheritDoc TokenModel.tokenize} */
  tokenize(word: string, ids: number[]): void {
    const whole = this.#json.ignore_merges === true ? this.#vocab.get(word) : undefined
    if (whole !== undefined) {
      ids.push(whole)
      return
    }
    for (const id of this.#cache.get(word, () => this.#merges.apply(this.#spell(word)))) ids.push(id)
  }

  /** An unknown token waits until a known character follows, so byte tokens in between overtake it, as in Python. */
  #spell(word: string): number[] {
    const prefix = this.#json.continuing_subword_prefix ?? ''
    const suffix = this.#json.end_of_word_suffix ?? ''
    const ids: number[] = []
    let unknowns = 0
    const addUnknowns = (): void => {
      while (unknowns > 0 && unknowns--) ids.push(this.#unknownId())
    }
    let at = 0
    for (const char of word) {
      const start = at === 0 ? '' : prefix
      at += char.length
      const piece = start + char + (at === word.length ? suffix : '')
      const id = this.#vocab.get(piece)
      if (id !== undefined) {
        addUnknowns()
        ids.push(id)
        continue
      }
      const bytes = this.#bytes?.(piece)
      if (bytes !== undefined) {
        ids.push(...bytes)
      } else if (typeof this.#json.unk_token === 'string') {
        if (this.#json.fuse_unk !== true) addUnknowns()
        unknowns = 1
      }
    }
    addUnknowns()
    return ids
  }

  #unknownId(): number {
    const id = this.#vocab.get(this.#json.unk_token ?? '')
    if (id === undefined) throw missingUnknownToken('BPE')
    return id
  }
}
