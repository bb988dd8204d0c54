import type { RetrievalData, StsData } from './run-evaluation.mjs'
import { parseCsv } from '@nestling/kit/text/parse-csv'

/**
 * Reads pairs of sentences with scores.
 *
 * @param text - CSV: sentence1, sentence2, score. A first line whose score is no number is a header.
 * @throws {Error} If a line has other columns or there are no pairs.
 */
export function readSts(text: string): StsData {
  const all = parseCsv(text)
  const isHeader = (record: readonly string[] | undefined): boolean => record?.length === 3 && !isNumber(record[2])
  const records = isHeader(all[0]) ? all.slice(1) : all
  if (records.length === 0) throw new Error('Cannot read pairs as the file has none: current number is 0')
  for (const [index, record] of records.entries()) {
    if (record.length === 3 && isNumber(record[2])) continue
    throw new Error(
      `Cannot read pair ${index + 1} as it must be sentence1, sentence2 and a number: current value is ${JSON.stringify(record)}`,
    )
  }
  return {
    kind: 'sts',
    sentences1: records.map(([first = '']) => first),
    sentences2: records.map(([, second = '']) => second),
    scores: records.map(([, , score]) => Number(score)),
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '' && Number.isFinite(Number(text))
}

/**
 * Reads a collection to search in.
 *
 * @param text - JSON: `corpus` and `queries` by id, `relevant` with a list of the corpus' ids for each query. A document is a text or has
 *   `title` and `text`, which become `title. text`.
 * @throws {Error} If something is missing.
 */
export function readRetrieval(text: string): RetrievalData {
  const file = JSON.parse(text) as unknown
  const corpus = readRecord(file, 'corpus')
  const documents = Object.entries(corpus).map(([id, document]) => [id, textOf(id, document)])
  const queries = readRecord(file, 'queries') as Record<string, string>
  const relevant = readRecord(file, 'relevant') as Record<string, string[]>
  return { kind: 'retrieval', corpus: Object.fromEntries(documents) as Record<string, string>, queries, relevant }
}

function readRecord(file: unknown, key: string): Record<string, unknown> {
  const value: unknown = typeof file === 'object' && file !== null ? (file as Record<string, unknown>)[key] : undefined
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(
    `Cannot read a collection as it must have an object ${key}: current value is ${JSON.stringify(value)}`,
  )
}

function textOf(id: string, document: unknown): string {
  if (typeof document === 'string') return document
  const { title, text } = (document ?? {}) as { title?: unknown; text?: unknown }
  if (typeof text === 'string') return typeof title === 'string' ? `${title}. ${text}` : text
  throw new Error(
    `Cannot read document ${id} as it must be a text or have one: current value is ${JSON.stringify(document)}`,
  )
}
