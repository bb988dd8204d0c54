import { ConfigReader } from '../model/configs/config-reader.js'
import type { Encoding, Tokenizer } from '../tokenize/tokenizer.js'
import { EmbedderError } from '../wire/embedder-error.js'

/** Vectors that are known to be right, and what they are of. */
export interface ReferenceVectors {
  readonly source: 'golden' | 'reference'
  readonly texts: readonly string[]
  /** Tokens of each text. */
  readonly encodings: readonly Pick<Encoding, 'ids'>[]
  readonly dim: number
  /** `[texts, dim]`, row-major, as the model's last module gives them. */
  readonly vectors: Float32Array
}

/** The file of a model package that holds them. */
export const GOLDEN_FILE = 'golden.json'

/**
 * Reads golden vectors, which are of the texts without any prompt, and compares Python's token ids with ours.
 *
 * @param text - golden.json.
 * @param tokenizer - The model's tokenizer.
 * @param dim - Length of the model's vectors.
 * @throws {EmbedderError} `model-invalid` if the file does not fit the model, `verification-failed` if the tokenizer gives other ids:
 * no device could make that right.
 */
export function readGolden(text: string, tokenizer: Tokenizer, dim: number): ReferenceVectors {
  const { texts, tokenIds, dimension, embeddings } = ConfigReader.parse(GOLDEN_FILE, text).values
  if (!isListOf(texts, isText) || texts.length === 0) throw invalid('texts must be a list of texts')
  if (!isListOf(tokenIds, isIds) || tokenIds.length !== texts.length) throw invalid('tokenIds must have a list a text')
  if (dimension !== dim)
    throw invalid(`dimension must be ${dim}, as the model's: current value is ${String(dimension)}`)
  const vectors = typeof embeddings === 'string' ? decodeFloats(embeddings) : undefined
  if (vectors?.length !== texts.length * dim) throw invalid('embeddings must be base64 of one float32 vector a text')
  const encodings = texts.map((item) => tokenizer.encode(item))
  const wrong = encodings.findIndex(({ ids }, index) => ids.join() !== tokenIds[index]?.join())
  if (wrong >= 0) {
    throw new EmbedderError(
      'verification-failed',
      `Cannot load the model as its tokenizer gives other ids than Python for text ${wrong} of ${GOLDEN_FILE}\nCheck that the files of the package belong together`,
      { details: { path: GOLDEN_FILE, text: wrong } },
    )
  }
  return { source: 'golden', texts, encodings, dim, vectors }
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem)
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isId = (value: unknown): value is number => Number.isSafeInteger(value)
const isIds = (value: unknown): value is readonly number[] => isListOf(value, isId)

/** `undefined` where it is none. */
function decodeFloats(base64: string): Float32Array | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return bytes.byteLength % 4 === 0 ? new Float32Array(bytes.buffer) : undefined
  } catch {
    return undefined
  }
}

function invalid(rule: string): EmbedderError {
  return new EmbedderError(
    'model-invalid',
    `Cannot read ${GOLDEN_FILE} as ${rule}\nPack the model again, or load it with verify: 'off'`,
    { details: { path: GOLDEN_FILE } },
  )
}
