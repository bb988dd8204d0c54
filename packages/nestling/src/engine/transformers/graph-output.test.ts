import { describe, expect, it } from 'vitest'
import type { EncoderBatch } from '../engine.js'
import { findOutput, inputsOf, widthOf } from './graph-output.js'

const BERT_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids']

/** Two texts, of 3 and of 1 token. */
const BATCH: EncoderBatch = {
  count: 2,
  seqLength: 3,
  ids: Int32Array.of(5, 6, 7, 8, 0, 0),
  lengths: Int32Array.of(3, 1),
  skippedTokens: 0,
}

describe('findOutput()', () => {
  it.each([
    [['last_hidden_state', 'pooler_output'], 'last_hidden_state', 'hidden-states'],
    [['sentence_embedding', 'token_embeddings'], 'token_embeddings', 'hidden-states'],
    [['sentence_embedding'], 'sentence_embedding', 'vectors'],
  ])('of %s takes %s', (outputNames, name, kind) => {
    expect(findOutput({ inputNames: BERT_INPUTS, outputNames }, 'm.onnx')).toEqual({ name, kind })
  })

  it('refuses a graph that is no text encoder, and names what does not fit', () => {
    const inputNames = [...BERT_INPUTS, 'past_key_values.0.key']
    expect(() => findOutput({ inputNames, outputNames: ['last_hidden_state'] }, 'm.onnx')).toThrow(
      /m\.onnx .*inputs must be among .*: current value is past_key_values\.0\.key/,
    )
    expect(() => findOutput({ inputNames: BERT_INPUTS, outputNames: ['logits'] }, 'm.onnx')).toThrow(
      /outputs last_hidden_state, token_embeddings, sentence_embedding: current value is logits/,
    )
  })
})

describe('inputsOf()', () => {
  it('masks padding', () => {
    expect(inputsOf(BERT_INPUTS, BATCH)).toEqual({
      dims: [2, 3],
      data: {
        input_ids: BigInt64Array.of(5n, 6n, 7n, 8n, 0n, 0n),
        attention_mask: BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 0n),
        token_type_ids: new BigInt64Array(6),
      },
    })
  })

  it('gives no input that the graph does not have', () => {
    expect(Object.keys(inputsOf(['attention_mask', 'input_ids'], BATCH).data)).toEqual(['input_ids', 'attention_mask'])
  })
})

describe('widthOf()', () => {
  it.each([
    ['hidden-states', [2, 3, 4]],
    ['vectors', [2, 4]],
  ] as const)('reads the last length of %s', (kind, dims) => {
    expect(widthOf({ name: 'x', kind }, { dims, data: new Float32Array(0) }, BATCH)).toBe(4)
  })

  it.each([
    ['hidden-states', [2, 4]],
    ['hidden-states', [2, 1, 4]],
    ['vectors', [2, 3, 4]],
    ['vectors', [2, 0]],
    ['vectors', []],
  ] as const)('refuses %s of the shape %j', (kind, dims) => {
    expect(() => widthOf({ name: 'x', kind }, { dims, data: new Float32Array(0) }, BATCH)).toThrow(/its shape must be/)
  })
})
