import { listFixtureFiles } from '@nestling/testing/disk'
import type { EncoderBatch } from '../src/engine/engine.js'
import { DownloadProgress } from '../src/model/download/download-progress.js'
import { ModelFolder } from '../src/model/model-folder.js'
import { readModel, type Model } from '../src/model/read-model.js'

/**
 * Puts texts into a batch, as the queue does.
 *
 * @param texts - Their token ids.
 * @param padding - Columns on top of those that the longest text needs.
 */
export function batchOf(texts: readonly (readonly number[])[], padding = 0): EncoderBatch {
  const seqLength = Math.max(1, ...texts.map(({ length }) => length)) + padding
  const ids = new Int32Array(texts.length * seqLength)
  texts.forEach((text, row) => {
    ids.set(text, row * seqLength)
  })
  const lengths = Int32Array.from(texts, ({ length }) => length)
  return { count: texts.length, seqLength, ids, lengths, skippedTokens: 0 }
}

/** Reads a tiny model of the fixtures. */
export function readFixtureModel(name: string): Promise<Model> {
  const files = listFixtureFiles(name)
  return readModel(new ModelFolder({ kind: 'listed', name, files }, new DownloadProgress(() => undefined)))
}
