/** Metrics by dim. */
export type MetricTable = Readonly<Record<string, Readonly<Record<string, number>>>>

/** What tells which table of a file is meant. */
export interface TableHints {
  /** Name of the model, such as `minilm-l6-nested`. */
  readonly model: string
  /** Name of the data file, such as `stsb-en-dev.csv`. */
  readonly data: string
}

/**
 * Finds the table of expected numbers in a file: the table itself, a report of this tool (`results`), or one of `tables`, by the model and
 * then by a word of the data file's name.
 *
 * @param file - The value of the JSON file.
 * @param path - Keys that lead to the table, with `/` in between; goes before all else.
 * @param hints - What tells which table is meant.
 * @throws {Error} If there is none or several could be meant.
 */
export function findExpected(file: unknown, path: string | undefined, hints: TableHints): MetricTable {
  if (path !== undefined) {
    const found = path.split('/').reduce((value, key) => asRecord(value)?.[key], file)
    if (isTable(found)) return found
    throw new Error(`Cannot compare as ${path} must lead to a table of dims: ${keysOf(found)}`)
  }
  let value = asRecord(file)?.['results'] ?? asRecord(file)?.['tables'] ?? file
  for (const choose of [chooseModel(hints.model), chooseWord(hints.data)]) {
    const record = asRecord(value)
    if (record === undefined || isTable(record)) break
    const key = choose(Object.keys(record))
    if (key === undefined) break
    value = record[key]
  }
  if (isTable(value)) return value
  throw new Error(
    `Cannot compare as no table of ${hints.model} and ${hints.data} was found: ${keysOf(value)}\nName it: --expect FILE#tables/...`,
  )
}

/** The package `minilm-l6` is the int8 form of `minilm-l6-nested`. */
function chooseModel(model: string): (keys: readonly string[]) => string | undefined {
  return (keys) => {
    const near = keys.filter((key) => key.startsWith(`${model}-`))
    return keys.find((key) => key === model) ?? (near.length === 1 ? near[0] : undefined)
  }
}

function chooseWord(data: string): (keys: readonly string[]) => string | undefined {
  const words = data.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  return (keys) => {
    const near = keys.filter((key) => words.includes(key.toLowerCase()))
    return near.length === 1 ? near[0] : undefined
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}

function isTable(value: unknown): value is MetricTable {
  const entries = Object.entries(asRecord(value) ?? {})
  return entries.length > 0 && entries.every(([dim, metrics]) => /^\d+$/.test(dim) && asRecord(metrics) !== undefined)
}

function keysOf(value: unknown): string {
  return `the keys there are ${Object.keys(asRecord(value) ?? {}).join(', ')}`
}
