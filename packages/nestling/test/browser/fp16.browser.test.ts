import { cosines, decodeFloats, type Golden } from '@nestling/testing'
import { load } from 'nestling/onnx'
import { describe, expect, it } from 'vitest'

/** No machine of ours has shader-f16. On the CPU onnxruntime runs the same graph with casts around operators without float16. */
const WORKER = '/nestling-dist-test/faulty-worker.js?float16'

/** They differ in norms, masks, rotary positions, pooling, and in how their weights are stored. */
const MODELS = [
  'bert-mean-normalize',
  'bert-fp16',
  'roberta-mean-matryoshka',
  'modernbert-cls',
  'qwen3-lasttoken',
  't5-dense',
  'gemma3-dense',
  'bert-cls-mean-max',
]

describe.each(MODELS)('%s in fp16', (model) => {
  it('is near to Python in float32, alone and in a batch', async () => {
    const golden = (await (await fetch(`/fixtures/${model}/golden.json`)).json()) as Golden
    const embedder = await load(`/fixtures/${model}`, { device: 'wasm', engine: 'onnx', workerUrl: WORKER })
    try {
      expect(embedder.report.dtype).toBe('fp16')
      for (const batchSize of [1, golden.texts.length]) {
        const { data } = await embedder.encode(golden.texts, { batchSize })
        const near = cosines(data, decodeFloats(golden.embeddings), golden.dimension)
        expect(Math.min(...near)).toBeGreaterThanOrEqual(0.999)
        // Float16 has 11 bits: equal numbers would mean that float32 ran.
        expect(Math.min(...near)).toBeLessThan(0.999_999_99)
      }
    } finally {
      await embedder.dispose()
    }
  })
})
