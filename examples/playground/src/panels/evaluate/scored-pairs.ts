/** Pairs of sentences, and how similar people find them. */
export interface ScoredPairs {
  readonly sentences1: readonly string[]
  readonly sentences2: readonly string[]
  readonly scores: readonly number[]
}

/** Names of the columns, those of the datasets on the hub first. */
const NAMES = {
  sentence1: ['sentence1', 'sentence_1', 's1', 'text1'],
  sentence2: ['sentence2', 'sentence_2', 's2', 'text2'],
  score: ['score', 'similarity_score', 'similarity', 'label'],
} as const

/**
 * Finds the pairs in records. A first record whose columns have known names says which is which; else the first three count.
 *
 * @param records - Records of fields.
 * @throws {RangeError} If a record has no score, or there are fewer than two.
 */
export function readScoredPairs(records: readonly (readonly string[])[]): ScoredPairs {
  const [first = []] = records
  const columns = columnsOf(first)
  const [left, right, score] = columns ?? [0, 1, 2]
  const rows = columns === undefined ? records : records.slice(1)
  const scores = rows.map((record, index) => {
    const value = Number(record[score] === '' ? NaN : record[score])
    if (Number.isFinite(value)) return value
    throw new RangeError(
      `Cannot evaluate as the third column must be a number: record ${index + 1} has ${JSON.stringify(record[score] ?? null)}`,
    )
  })
  if (rows.length < 2)
    throw new RangeError(`Cannot evaluate as there must be two pairs or more: current number is ${rows.length}`)
  return {
    sentences1: rows.map((record) => record[left] ?? ''),
    sentences2: rows.map((record) => record[right] ?? ''),
    scores,
  }
}

function columnsOf(head: readonly string[]): readonly [number, number, number] | undefined {
  const names = head.map((name) => name.trim().toLowerCase())
  const [left = -1, right = -1, score = -1] = [NAMES.sentence1, NAMES.sentence2, NAMES.score].map((known) =>
    names.findIndex((name) => (known as readonly string[]).includes(name)),
  )
  return left < 0 || right < 0 || score < 0 ? undefined : [left, right, score]
}
