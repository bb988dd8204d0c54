import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { minilmL6 } from '@nestling/minilm-l6'
import { load } from 'nestling'

/**
 * Encodes sentences with the default model.
 *
 * @param corpus - Texts, one a line; gzip or not.
 * @param count - How many, the first ones.
 * @returns Vectors of 384 components, row-major.
 */
export async function realVectors(corpus: string, count: number): Promise<{ data: Float32Array; dim: number }> {
  const bytes = readFileSync(corpus)
  const text = (corpus.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  const embedder = await load(minilmL6)
  try {
    const { data, dim } = await embedder.encode(text.split('\n').filter(Boolean).slice(0, count))
    return { data, dim }
  } finally {
    await embedder.dispose()
  }
}
