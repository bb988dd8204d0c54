import { EmbedderError } from '../wire/embedder-error.js'
import { AddedTokens } from './added-tokens.js'
import { createNormalizer, type Normalizer } from './normalize/normalizer.js'
import { createTokenModel } from './words/create-token-model.js'
import { createPreTokenizer, type PreTokenizer } from './pre-tokenizer.js'
import { readSpecialTokens, type SpecialTokens } from './special-tokens.js'
import { createStartLength } from './chunks/start-length.js'
import type { TokenModel } from './words/token-model.js'
import type { PartJson, TokenizerJson } from './tokenizer-json.js'

/** Ids of one text as the model reads them. */
export interface Encoding {
  /** Special tokens included, cut to the maximum length. */
  readonly ids: Int32Array<ArrayBuffer>
  /** Tokens before anything was cut, special tokens included. */
  readonly tokenCount: number
}

/** What a tokenizer needs to know beside its own files. */
export interface TokenizerOptions {
  /** Most tokens of a text, special tokens included; `Infinity` for no limit. */
  readonly maxLength: number
  /** Lowercases before everything else, as sentence-transformers' `do_lower_case` does. */
  readonly doLowerCase: boolean
  /**
   * Puts the post-processor's tokens around each text; static embeddings do without.
   *
   * @defaultValue true
   */
  readonly addSpecialTokens?: boolean
  /**
   * Rows of the embedding table.
   *
   * @defaultValue No limit.
   */
  readonly vocabSize?: number | undefined
}

/** An end of a text. */
export type Side = 'left' | 'right'

/** Turns texts into the ids that Python's tokenizers give, truncated as Python does: special tokens stay. */
export class Tokenizer {
  /** Id that fills a batch on the right, also where Python fills on the left: it has no influence on vectors. */
  readonly paddingId: number
  readonly #addedTokens: AddedTokens
  readonly #normalize: Normalizer
  readonly #startLength: (text: string) => number
  readonly #preTokenize: PreTokenizer
  readonly #model: TokenModel
  readonly #special: SpecialTokens
  readonly #maxLength: number
  readonly #vocabSize: number
  readonly #truncationSide: Side

  /**
   * Builds a tokenizer.
   *
   * @param json - tokenizer.json, parsed.
   * @param config - tokenizer_config.json, parsed; an empty object where the folder has none.
   * @param options - Length and case.
   * @throws {EmbedderError} `model-unsupported` if tokenizer.json has a part that is not known, `model-invalid` if it contradicts itself
   * or the table.
   */
  constructor(json: unknown, config: unknown, options: TokenizerOptions) {
    const parts = buildParts(json as TokenizerJson, options)
    this.#addedTokens = parts.addedTokens
    this.#normalize = parts.normalize
    this.#startLength = parts.startLength
    this.#preTokenize = parts.preTokenize
    this.#model = parts.model
    this.#special = parts.special
    this.#maxLength = options.maxLength
    const { padding, truncation } = json as TokenizerJson
    const settings = config as { pad_token?: unknown; truncation_side?: unknown }
    this.#vocabSize = options.vocabSize ?? Infinity
    const paddingId = this.#idOf(settings.pad_token) ?? padding?.pad_id ?? 0
    this.paddingId = paddingId < this.#vocabSize ? paddingId : 0
    this.#truncationSide = toSide(settings.truncation_side ?? truncation?.direction)
    if (options.maxLength < this.#special.before.length + this.#special.after.length) {
      throw new EmbedderError(
        'model-invalid',
        `Cannot tokenize as max_seq_length must have room for the special tokens: current value is ${options.maxLength}`,
      )
    }
    for (const ids of [this.#special.before, this.#special.after]) this.#checkIds(ids, 0, ids.length)
  }

  /** Whether a special token ends each text (`[SEP]`, `</s>`); a prompt's length is counted without it. */
  get hasSuffix(): boolean {
    return this.#special.after.length > 0
  }

  /**
   * Tokenizes one text.
   *
   * @param text - Any string; lone surrogates count as U+FFFD.
   * @returns Its ids and how many there were before truncation.
   * @throws {EmbedderError} `model-invalid` if the text needs an unknown token and the vocabulary has none, or has a token that the
   * embedding table has no row for.
   */
  encode(text: string): Encoding {
    const { before, after } = this.#special
    const body = this.#tokenize(toWellFormed(text))
    const kept = Math.min(body.length, this.#maxLength - before.length - after.length)
    const first = this.#truncationSide === 'left' ? body.length - kept : 0
    this.#checkIds(body, first, kept)
    const ids = new Int32Array(before.length + kept + after.length)
    ids.set(before)
    for (let i = 0; i < kept; i++) ids[before.length + i] = body[first + i] as number
    ids.set(after, before.length + kept)
    return { ids, tokenCount: before.length + body.length + after.length }
  }

  #tokenize(text: string): number[] {
    const ids: number[] = []
    for (const segment of this.#addedTokens.splitVerbatim(text)) {
      if (segment.id >= 0) ids.push(segment.id)
      else this.#tokenizeSegment(text.slice(segment.start, segment.end), segment.start === 0, ids)
    }
    return ids
  }

  #tokenizeSegment(text: string, isStart: boolean, ids: number[]): void {
    const normalized = this.#normalize(text)
    const startLength = isStart ? this.#startLength(text) : 0
    for (const { start, end, id } of this.#addedTokens.splitNormalized(normalized)) {
      if (id >= 0) {
        ids.push(id)
        continue
      }
      for (const word of this.#preTokenize(normalized.slice(start, end), Math.max(0, startLength - start))) {
        this.#model.tokenize(word, ids)
      }
    }
  }

  /** No engine may read beyond its table. A vocabulary may: Python too fails on no text but one that has such a token. */
  #checkIds(ids: readonly number[], start: number, count: number): void {
    for (let i = start; i < start + count; i++) {
      const id = ids[i] as number
      // What is no integer would become another id.
      if ((id | 0) !== id || id < 0 || id >= this.#vocabSize) throw this.#beyondTable(id)
    }
  }

  #beyondTable(id: number): EmbedderError {
    const content = this.#addedTokens.contentOf(id)
    const token = content === undefined ? '' : ` of ${JSON.stringify(content)}`
    const tokens = Math.max(this.#model.size, this.#addedTokens.end)
    const rows = Number.isFinite(this.#vocabSize) ? this.#vocabSize : null
    const sizes = rows === null ? '' : `, the table has ${rows} rows and the tokenizer ${tokens} tokens`
    return new EmbedderError(
      'model-invalid',
      `Cannot tokenize as each token must have a row in the embedding table: current value is ${id}${token}${sizes}\nSave the model again after resize_token_embeddings in Python, or take the token out of the tokenizer's files and of the texts`,
      { details: { id, token: content ?? null, rows, tokens } },
    )
  }

  #idOf(token: unknown): number | undefined {
    const content = typeof token === 'object' ? (token as { content?: unknown } | null)?.content : token
    if (typeof content !== 'string') return undefined
    return this.#addedTokens.idOf(content) ?? this.#model.idOf(content)
  }
}

interface Parts {
  readonly addedTokens: AddedTokens
  readonly normalize: Normalizer
  readonly startLength: (text: string) => number
  readonly preTokenize: PreTokenizer
  readonly model: TokenModel
  readonly special: SpecialTokens
}

function buildParts(json: TokenizerJson, options: TokenizerOptions): Parts {
  try {
    const normalizer = options.doLowerCase ? lowercasing(json.normalizer) : json.normalizer
    const normalize = createNormalizer(normalizer)
    const model = createTokenModel(json.model)
    const special = readSpecialTokens(options.addSpecialTokens === false ? null : json.post_processor)
    const addedTokens = new AddedTokens(json.added_tokens ?? [], model, normalize)
    const startLength = createStartLength(json, normalize)
    return { addedTokens, normalize, startLength, preTokenize: createPreTokenizer(json.pre_tokenizer), model, special }
  } catch (cause) {
    if (cause instanceof EmbedderError) throw cause
    throw new EmbedderError('model-invalid', 'Cannot load tokenizer.json as it must have the fields of its parts', {
      cause,
      details: { path: 'tokenizer.json' },
    })
  }
}

/**
 * Puts a `Lowercase` normalizer in front, unless there is one already.
 *
 * @see `sentence_transformers.base.modules.transformer.Transformer.__init__`
 */
function lowercasing(normalizer: PartJson | null | undefined): PartJson {
  const parts = (normalizer as { readonly normalizers?: readonly PartJson[] } | null | undefined)?.normalizers
  const present = normalizer ? (parts ?? [normalizer]) : []
  const isThere = present.some(({ type }) => type === 'Lowercase')
  return { type: 'Sequence', normalizers: isThere ? present : [{ type: 'Lowercase' }, ...present] } as PartJson
}

/** tokenizer_config.json writes `left`, tokenizer.json `Left`. */
function toSide(side: unknown): Side {
  return typeof side === 'string' && side.toLowerCase() === 'left' ? 'left' : 'right'
}

/** A lone surrogate has no UTF-8 form, so no tokenizer was trained on one; `String.prototype.toWellFormed` is too new. */
function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD')
}
