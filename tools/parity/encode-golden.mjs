/**
 * @typedef {object} PageRequest
 * @property {string} entry The module that has `load`.
 * @property {string} url The model folder.
 * @property {'wasm' | 'webgpu'} device
 * @property {'auto' | 'onnx' | 'kernels'} engine
 * @property {'fp32' | 'fp16'} dtype
 * @property {{ texts: readonly string[], promptNames: readonly string[], dims: readonly number[] }} golden
 */

/**
 * Everything that a golden file has an answer for, as plain numbers; keys are those of the file, `/` before a dim or a name.
 *
 * @typedef {object} Encoded
 * @property {number[][]} tokenIds
 * @property {Record<string, number[]>} vectors
 */

/**
 * Encodes the texts of a golden file in every way it has an answer for. Runs in Node, and in the page as it is: a compiler's helpers would be
 * missing there.
 *
 * @param {PageRequest} request
 * @returns {Promise<Encoded>}
 */
export async function encodeGolden({ entry, url, device, engine, dtype, golden }) {
  /** @type {typeof import('../../packages/nestling/dist/index.js')} */
  const { load, Embeddings } = await /** @type {Promise<never>} */ (import(entry))
  const { texts } = golden
  const embedder = await load(url, { device, engine, dtype })
  try {
    /** @type {Record<string, number[]>} */
    const vectors = {}
    /**
     * @param {string} key
     * @param {Promise<{ readonly data: Float32Array }>} encoding
     */
    const keep = async (key, encoding) => {
      vectors[key] = Array.from((await encoding).data)
    }
    const whole = await embedder.encode(texts, { batchSize: texts.length })
    vectors['embeddings'] = Array.from(whole.data)
    await keep('embeddings in batches of 1', embedder.encode(texts, { batchSize: 1 }))
    await keep('normalized', embedder.encode(texts, { normalize: true }))
    for (const truncateDim of golden.dims) {
      await keep(`truncated/${truncateDim}`, embedder.encode(texts, { truncateDim }))
      await keep(`truncatedNormalized/${truncateDim}`, embedder.encode(texts, { truncateDim, normalize: true }))
    }
    for (const promptName of golden.promptNames) {
      await keep(`byPrompt/${promptName}`, embedder.encode(texts, { promptName }))
    }
    await keep('encodeQuery', embedder.encodeQuery(texts))
    await keep('encodeDocument', embedder.encodeDocument(texts))
    await keep('promptText', embedder.encode(texts, { prompt: 'note: ' }))
    /**
     * @param {number} start
     * @param {number} end
     */
    const part = (start, end) =>
      new Embeddings(whole.data.slice(start * whole.dim, end * whole.dim), [end - start, whole.dim], whole.space)
    await keep('similarity6x6', embedder.similarity(part(0, 6), part(6, 12)))
    await keep('similarityPairwise', embedder.similarityPairwise(part(0, 12), part(12, 24)))
    const tokens = await embedder.tokenize(texts)
    return { tokenIds: tokens.map(({ inputIds }) => Array.from(inputIds)), vectors }
  } finally {
    await embedder.dispose()
  }
}
