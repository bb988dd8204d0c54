/** What the engine's check at load reads; the rest of a golden file is for the tests of the SDK and would only add bytes. */
interface Golden {
  readonly about: string
  readonly madeWith: Readonly<Record<string, unknown>>
  readonly maxSeqLength: number
  readonly dimension: number
  readonly similarityFunction: string
  readonly encoding: string
  readonly texts: readonly string[]
  readonly tokenIds: readonly (readonly number[])[]
  readonly embeddings: string
}

const FLOAT32_BYTES = 4

/**
 * Cuts a golden file down to texts, token ids and embeddings.
 *
 * The embeddings stay those of the float32 model: they say how near the int8 weights come, not how well they agree with
 * themselves.
 *
 * @param text - The golden file of the source.
 * @returns JSON text in a fixed order of keys.
 * @throws {TypeError} If a field is missing, or its length does not fit the texts.
 */
export function packGolden(text: string): string {
  const source = JSON.parse(text) as Partial<Golden>
  const { texts, tokenIds, embeddings, dimension } = source
  if (!Array.isArray(texts) || texts.some((item) => typeof item !== 'string')) throw invalid('texts', texts)
  if (!Array.isArray(tokenIds) || tokenIds.length !== texts.length) throw invalid('tokenIds', tokenIds)
  if (!Number.isInteger(dimension) || dimension === undefined) throw invalid('dimension', dimension)
  const sizeBytes = texts.length * dimension * FLOAT32_BYTES
  if (typeof embeddings !== 'string' || Buffer.from(embeddings, 'base64').byteLength !== sizeBytes) {
    throw invalid('embeddings', embeddings)
  }
  const { about, madeWith, maxSeqLength, similarityFunction, encoding } = source
  const rest = { about, madeWith, maxSeqLength, dimension, similarityFunction, encoding }
  for (const [key, value] of Object.entries(rest)) {
    if (value === undefined) throw invalid(key, value)
  }
  return `${JSON.stringify({ ...rest, texts, tokenIds, embeddings })}\n`
}

function invalid(key: string, value: unknown): TypeError {
  const shown = value === undefined ? 'undefined' : JSON.stringify(value).slice(0, 60)
  return new TypeError(`Cannot pack golden.json as ${key} must be there and fit the texts: current value is ${shown}`)
}
