import type { Embedder } from '../../api/embedder.js'
import { defineCommand, type Command } from '../arguments/command.js'
import { EXIT } from '../cli-error.js'
import { readWholeFile } from '../input/read-file.js'
import { importPackage } from '../models/import-package.js'
import { loadModel, MODEL_OPTIONS } from '../models/load-model.js'

/** What is used of `@nestling/search`, which nestling does not depend on. */
interface SearchPackage {
  readonly createIndex: (options: { readonly embedder: Embedder }) => Promise<SearchIndex>
}

interface SearchIndex {
  import(file: Uint8Array<ArrayBuffer>, options: object): Promise<void>
  search(query: string, options: object): Promise<readonly SearchHit[]>
  dispose(): Promise<void>
}

interface SearchHit {
  readonly id: string
  readonly score: number
  readonly metadata: unknown
  readonly passage: { readonly text: string } | undefined
}

const PACKAGE = '@nestling/search'

const SCORE_DIGITS = 4

/** Most letters of a passage in a line for people. */
const MOST_LETTERS = 100

/** Searches a file of an index. */
export const SEARCH: Command = defineCommand({
  name: 'search',
  summary: 'Searches an index that index.export() wrote to a file.',
  about: [
    `Searches a file that index.export() of ${PACKAGE} gave, which must be installed in your project. The model must be the one that the index was made with.`,
  ],
  positionals: [
    { name: 'INDEX', about: 'the file' },
    { name: 'QUERY', about: 'what to look for' },
  ],
  options: {
    ...MODEL_OPTIONS,
    'top-k': { type: 'count', value: 'N', about: 'Most documents to find (10).' },
    mode: {
      type: 'string',
      value: 'MODE',
      choices: ['vectors', 'keywords', 'hybrid'],
      about: 'What is searched (vectors).',
    },
    json: { type: 'boolean', about: 'Prints the hits as JSON.' },
  },
  examples: ['npx nestling search docs.index "how to reset the device" --top-k 5'],
  async run([file = '', query = ''], { 'top-k': topK, mode, json, ...model }, context) {
    const bytes = readWholeFile(file, context.cwd)
    const found = await importPackage(PACKAGE, { from: context.cwd, purpose: 'search an index' })
    const { createIndex } = found as unknown as SearchPackage
    await using embedder = await loadModel(model, context, { workers: 1 })
    const signal = context.interruption
    const index = await createIndex({ embedder })
    try {
      await index.import(new Uint8Array(bytes), { signal })
      const hits = await index.search(query, { topK, mode, signal })
      if (json) context.print(JSON.stringify(hits))
      else for (const hit of hits) context.print(lineOf(hit))
    } finally {
      await index.dispose()
    }
    return EXIT.ok
  },
})

function lineOf({ id, score, passage }: SearchHit): string {
  const text = (passage?.text ?? '').replaceAll(/\s+/g, ' ').trim()
  const shown = text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text
  return `${score.toFixed(SCORE_DIGITS)}  ${id}  ${shown}`.trimEnd()
}
