import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { CliError, EXIT } from '../cli-error.js'
import type { InputPart, InputReader } from '../input/input-reader.js'
import type { Checkpoint, EmbeddingSink, SinkJob, SinkRow } from './embedding-sink.js'
import { rowOf, type EncodeTexts } from './encode-texts.js'
import type { EmbedProgress } from './progress-text.js'

/**
 * Texts that are encoded and written together. What a killed process had done of them is done again, and an interrupt waits for them: two
 * seconds on two cores with the default model.
 */
const PART_ROWS = 512

/** Parts on their way at once, so that no worker waits while one is written. */
const PARTS_AT_ONCE = 2

/** What a run needs. */
export interface EmbedRun {
  readonly reader: InputReader
  readonly sink: EmbeddingSink
  readonly job: SinkJob
  readonly encode: EncodeTexts
  /** Length of the input; `undefined` where nobody knows. */
  readonly inputBytes: number | undefined
  readonly interruption: AbortSignal
  readonly onProgress: (progress: EmbedProgress) => void
}

/** What a run did. */
export interface EmbedResult {
  /** All rows of the result. */
  readonly rows: number
  /** Those that were there already. */
  readonly resumedFrom: number
  readonly elapsedMs: number
}

/**
 * Encodes an input into a sink, from where an earlier run of the same job ended. At most a few parts of the input are in memory.
 *
 * @throws {CliError} If the input changed, or, of exit code 130, if it was interrupted: what was written until then is kept.
 */
export async function runEmbed(run: EmbedRun): Promise<EmbedResult> {
  const { reader, sink, job } = run
  try {
    const kept = await sink.open(job)
    await passOver(reader, kept)
    const result = await embedRest(run, kept?.rows ?? 0)
    await sink.finish()
    return result
  } finally {
    await sink.abort()
    reader.close()
  }
}

async function passOver(reader: InputReader, kept: Checkpoint | undefined): Promise<void> {
  if (kept === undefined) return
  const { skipped, digest } = await reader.skip(kept.rows)
  if (skipped === kept.rows && (kept.inputDigest ?? digest) === digest) return
  throw new CliError(
    `Cannot go on as the input must begin with the ${kept.rows} rows that are done: it has changed\nGive the same input, or add --restart to begin again`,
  )
}

interface PartOnItsWay {
  readonly part: InputPart
  readonly embeddings: ReturnType<EncodeTexts>
}

async function embedRest(run: EmbedRun, start: number): Promise<EmbedResult> {
  const { reader, sink, encode, interruption } = run
  const begun = performance.now()
  const ender = new AbortController()
  const onTheirWay: PartOnItsWay[] = []
  const meter = new Meter(run, start)
  let rows = start
  let isEnd = false
  try {
    for (;;) {
      while (!isEnd && onTheirWay.length < PARTS_AT_ONCE && !interruption.aborted) {
        // A pipe may stay silent for ever: what is done already must not wait for it.
        const part = await untilAborted(reader.readPart(PART_ROWS), interruption).catch(
          ignoreInterruption(interruption),
        )
        isEnd = part === undefined || part.records.length < PART_ROWS
        if (part !== undefined && part.records.length > 0) onTheirWay.push(startPart(part, encode, ender.signal))
      }
      const next = onTheirWay.shift()
      if (next === undefined) break
      const embeddings = await next.embeddings
      const { records, digest } = next.part
      const made = records.map(({ text, id, fields }, index): SinkRow => {
        const place = rows + index
        return { index: place, id: id ?? String(place), text, fields, vector: rowOf(embeddings, index) }
      })
      await sink.write(made, { rows: rows + records.length, inputDigest: digest })
      rows += records.length
      meter.count(rows, records.at(-1)?.endByte ?? 0)
      if (interruption.aborted) break
    }
  } finally {
    ender.abort()
  }
  if (interruption.aborted) throw interrupted(rows, interruption)
  return { rows, resumedFrom: start, elapsedMs: performance.now() - begun }
}

function startPart(part: InputPart, encode: EncodeTexts, signal: AbortSignal): PartOnItsWay {
  const embeddings = encode(
    part.records.map(({ text }) => text),
    signal,
  )
  // It is awaited later; until then its failure has no owner.
  embeddings.catch(() => undefined)
  return { part, embeddings }
}

function ignoreInterruption(interruption: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (interruption.aborted && error === interruption.reason) return undefined
    throw error
  }
}

function interrupted(rows: number, { reason }: AbortSignal): CliError {
  const why = reason instanceof Error ? reason.message : 'Ended'
  return new CliError(`${why}: ${rows} rows are kept, and the same command goes on from there`, EXIT.interrupted)
}

/** Says how far a run is. */
class Meter {
  readonly #run: EmbedRun
  readonly #start: number
  readonly #begunMs = performance.now()
  #startByte: number | undefined

  constructor(run: EmbedRun, start: number) {
    this.#run = run
    this.#start = start
  }

  count(rows: number, endByte: number): void {
    const { inputBytes, onProgress } = this.#run
    const fractionOf = (byte: number): number | undefined =>
      inputBytes === undefined ? undefined : Math.min(1, byte / Math.max(1, inputBytes))
    // Where the run began in bytes, nobody says: a share of the rows is near.
    this.#startByte ??= rows === 0 ? 0 : (endByte * this.#start) / rows
    onProgress({
      rows,
      ownRows: rows - this.#start,
      elapsedMs: performance.now() - this.#begunMs,
      fraction: fractionOf(endByte),
      startFraction: fractionOf(this.#startByte) ?? 0,
    })
  }
}
