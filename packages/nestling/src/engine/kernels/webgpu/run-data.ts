import type { EncoderSpec } from '../../../model/encoder-spec.js'
import type { EncoderBatch } from '../../engine.js'
import { positionIds } from '../../position-ids.js'
import { tokenRowsOf, writePoolWeights, writeTokenRows, type TokenRows } from '../token-rows.js'
import type { GpuCapacity } from './gpu-scratch.js'
import type { RunSize } from './gpu-step.js'

/** What shaders find at the start of `run`: counts, and where the parts begin. */
const HEADER = ['rows', 'texts', 'ids', 'positions', 'places', 'blocks', 'textRows', 'poolWeights', 'skipped'] as const

/** Words of a block: first row of its text, tokens of its text, its first query. */
const BLOCK = 3

/** What a run is told, and how much it computes. */
export interface RunData {
  readonly words: Uint32Array<ArrayBuffer>
  readonly size: RunSize
  readonly needed: GpuCapacity
}

/**
 * Writes what the kernels are told of a batch.
 *
 * @param queries - Queries that attention works on at a time.
 */
export function runDataOf(spec: EncoderSpec, batch: EncoderBatch, queries: number): RunData {
  const rows = tokenRowsOf(batch)
  const blocks = blocksOf(rows, queries)
  const sums = spec.pooling.modes.filter((mode) => mode !== 'max')
  const { position } = spec.embeddings
  const { tokens } = rows
  const hasPlaces = spec.rotaries.length > 0
  const parts = {
    ids: tokens,
    positions: tokens,
    places: hasPlaces ? tokens : 0,
    blocks: blocks.length,
    textRows: 2 * batch.count,
    poolWeights: tokens * sums.length,
  }
  const starts = { rows: tokens, texts: batch.count, skipped: batch.skippedTokens, ...parts }
  let end: number = HEADER.length
  for (const [name, length] of Object.entries(parts) as [keyof typeof parts, number][]) {
    starts[name] = end
    end += length
  }
  const words = new Uint32Array(end)
  const integers = new Int32Array(words.buffer)
  const floats = new Float32Array(words.buffer)
  HEADER.forEach((name, index) => (words[index] = starts[name]))
  writeTokenRows(batch.ids, batch, rows, integers.subarray(starts.ids))
  if (position !== undefined) {
    writeTokenRows(positionIds(position, batch), batch, rows, integers.subarray(starts.positions))
  }
  if (hasPlaces) writePlaces(rows, words.subarray(starts.places))
  words.set(blocks, starts.blocks)
  rows.starts.forEach((start, text) => {
    words.set([start, rows.lengths[text] ?? 0], starts.textRows + 2 * text)
  })
  sums.forEach((mode, index) => {
    writePoolWeights(mode, batch, rows, floats.subarray(starts.poolWeights + index * tokens))
  })
  const { longest } = rows
  const size = { rows: tokens, texts: batch.count, blocks: blocks.length / BLOCK }
  return { words, size, needed: { rows: tokens, texts: batch.count, longest, words: end } }
}

function writePlaces({ starts, lengths }: TokenRows, target: Uint32Array): void {
  starts.forEach((start, text) => {
    for (let place = 0; place < (lengths[text] ?? 0); place++) target[start + place] = place
  })
}

function blocksOf({ starts, lengths }: TokenRows, queries: number): number[] {
  const blocks: number[] = []
  starts.forEach((start, text) => {
    const length = lengths[text] ?? 0
    for (let first = 0; first < length; first += queries) blocks.push(start, length, first)
  })
  return blocks
}
