import { parseCsv } from '@nestling/kit/text/parse-csv'
import { CliError } from '../cli-error.js'

/** Pairs of sentences with the scores that people gave. */
export interface SimilarityData {
  readonly sentences1: readonly string[]
  readonly sentences2: readonly string[]
  readonly scores: readonly number[]
}

/** Fields of a record: two sentences and a score. */
const FIELDS = 3

/**
 * Reads pairs of sentences. The first record is the header where its score is no number.
 *
 * @param csv - Records of sentence1, sentence2, score.
 * @param name - Of the file, for messages.
 * @throws {CliError} If a record is of another shape, or there is none.
 */
export function readSimilarityData(csv: string, name: string): SimilarityData {
  const records = parseRecords(csv, name)
  const [first] = records
  const isHeader = first?.length === FIELDS && isNoNumber(first[2] ?? '')
  const pairs = isHeader ? records.slice(1) : records
  if (pairs.length === 0) throw new CliError(`Cannot read ${name} as it must hold pairs of sentences: it is empty`)
  for (const [index, record] of pairs.entries()) {
    const place = `record ${index + (isHeader ? 2 : 1)}`
    if (record.length !== FIELDS) {
      throw new CliError(
        `Cannot read ${name} as every record must be sentence1,sentence2,score: ${place} has ${record.length} fields`,
      )
    }
    if (isNoNumber(record[2] ?? '')) {
      throw new CliError(`Cannot read ${name} as every score must be a number: that of ${place} is ${record[2]}`)
    }
  }
  return {
    sentences1: pairs.map(([first = '']) => first),
    sentences2: pairs.map(([, second = '']) => second),
    scores: pairs.map(([, , score]) => Number(score)),
  }
}

function isNoNumber(text: string): boolean {
  return text.trim() === '' || !Number.isFinite(Number(text))
}

function parseRecords(csv: string, name: string): string[][] {
  try {
    return parseCsv(csv)
  } catch (cause) {
    throw new CliError(
      `Cannot read ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      undefined,
      cause,
    )
  }
}
