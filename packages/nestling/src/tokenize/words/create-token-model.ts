import { EmbedderError } from '../../wire/embedder-error.js'
import { Bpe, type BpeJson } from './bpe.js'
import { missingUnknownToken, unknownPart, type PartJson } from '../tokenizer-json.js'
import type { TokenModel } from './token-model.js'
import { Unigram, type UnigramJson } from './unigram.js'
import { WordPiece, type WordPieceJson } from './word-piece.js'

interface WordLevelJson {
  readonly vocab: Readonly<Record<string, number>>
  readonly unk_token: string
}

/** A part's own options stand beside its `type`. */
const CREATE: Readonly<Record<string, (json: never) => TokenModel>> = {
  WordPiece: (json: WordPieceJson) => new WordPiece(json),
  BPE: (json: BpeJson) => new Bpe(json),
  Unigram: (json: UnigramJson) => new Unigram(json),
  WordLevel: (json: WordLevelJson) => createWordLevel(json),
}

/**
 * Makes the model of tokenizer.json.
 *
 * @throws {EmbedderError} `model-unsupported` if its type is not known, `model-invalid` if its vocabulary has an id that is none.
 */
export function createTokenModel(json: PartJson): TokenModel {
  if (!Object.hasOwn(CREATE, json.type)) throw unknownPart('model', json.type)
  checkVocabulary((json as { readonly vocab?: unknown }).vocab)
  return (CREATE[json.type] as (json: PartJson) => TokenModel)(json)
}

/** Python writes `NaN` and reads it, and what is no integer would become another id where ids are packed. */
function checkVocabulary(vocab: unknown): void {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) return
  const ids = vocab as Readonly<Record<string, unknown>>
  for (const token in ids) {
    const id = ids[token]
    if (typeof id === 'number' && (id | 0) === id && id >= 0) continue
    throw new EmbedderError(
      'model-invalid',
      `Cannot load tokenizer.json as the id of each token must be an integer from 0: current value is ${String(id)} of ${JSON.stringify(token)}\nDownload or write the file again`,
      { details: { path: 'tokenizer.json', token } },
    )
  }
}

function createWordLevel(json: WordLevelJson): TokenModel {
  const vocab = new Map(Object.entries(json.vocab))
  const unknown = vocab.get(json.unk_token)
  return {
    size: vocab.size,
    idOf: (token) => vocab.get(token),
    tokenize: (word, ids) => {
      const id = vocab.get(word) ?? unknown
      if (id === undefined) throw missingUnknownToken('WordLevel')
      ids.push(id)
    },
  }
}
