import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageSentences } from './measure/page-sentences.js'

const PAGE = join(import.meta.dirname, '../examples/in-page-search/index.html')

/**
 * Reads the sentences of the example that searches its own page.
 *
 * @returns Some hundred sentences, in their order.
 */
export function readProse(): string[] {
  return pageSentences(readFileSync(PAGE, 'utf8'))
}
