import { expect } from 'vitest'
import type { Checkpoint, EmbeddingSink, SinkJob } from '../../src/cli/embed/embedding-sink.js'
import { runWriter, type Writing } from './killed-writer.js'
import { checkpointAt, rowsFrom } from './sink-rows.js'

/**
 * Kills two processes while they write, and lets a third one end.
 *
 * @param writing - Rows that take 15 calls of `write`.
 */
export async function writeWithKills(writing: Writing): Promise<void> {
  const { batch } = writing
  const first = await runWriter(writing, 3 * batch)
  expect(first.lines[0]).toBe('from 0 ')
  expect(first.lines).not.toContain('finished')
  const second = await runWriter(writing, 9 * batch)
  // What was written last may be there or not; it is there whole, and the checkpoint with it.
  const [, from = '', digest] = /^from (\d+) (.*)$/.exec(second.lines[0] ?? '') ?? []
  expect(Number(from)).toBeGreaterThanOrEqual(3 * batch)
  expect(Number(from) % batch).toBe(0)
  expect(digest).toBe(`input to ${from}`)
  const third = await runWriter(writing)
  expect(third.errors).toBe('')
  expect(third.lines.at(-1)).toBe('finished')
}

/** A sink that was opened, with what it found. */
export interface OpenedSink {
  readonly sink: EmbeddingSink
  readonly kept: Checkpoint | undefined
}

/**
 * Ends runs early, and goes on with them; then begins anew with another input, of one row.
 *
 * @param open - Opens the sink of one target.
 * @param refusalOf - Gives the message of what must fail.
 */
export async function goOnAndBeginAnew(
  open: (job?: Partial<SinkJob>) => Promise<OpenedSink>,
  refusalOf: (run: Promise<unknown>) => Promise<string>,
): Promise<void> {
  const { sink } = await open()
  await sink.write(rowsFrom(0, 4), checkpointAt(4))
  await sink.abort()
  expect(await refusalOf(open({ digest: 'digest two' }))).toMatch(/4 rows of another input/)
  const again = await open()
  expect(again.kept).toEqual(checkpointAt(4))
  await again.sink.write(rowsFrom(4, 2), { rows: 6, inputDigest: undefined })
  await again.sink.abort()
  const third = await open()
  expect(third.kept).toEqual({ rows: 6, inputDigest: undefined })
  await third.sink.abort()
  const anew = await open({ digest: 'digest two', isRestart: true })
  expect(anew.kept).toBeUndefined()
  await anew.sink.write(rowsFrom(0, 1), checkpointAt(1))
  await anew.sink.finish()
}
