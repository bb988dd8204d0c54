import { elementById } from './element.js'
import { fixedNumber } from '../../in-page-search/src/fixed-number.js'

/** What the page has computed; also what `#result` holds as JSON. */
export interface FirstEmbeddingsResult {
  readonly device: string
  readonly engine: string
  readonly runtime: string
  /** `[sentences, dim]`. */
  readonly shape: readonly number[]
  /** Cosine similarity, one row a sentence. */
  readonly similarity: readonly (readonly number[])[]
  readonly loadMs: number
  readonly encodeMs: number
}

/**
 * Shows a result as facts and a table, and leaves it as JSON in `#result`.
 *
 * @param sentences - The texts, one for each row of the matrix.
 * @param result - The numbers.
 */
export function showResult(sentences: readonly string[], result: FirstEmbeddingsResult): void {
  showFacts([
    ['Device', result.device],
    ['Engine', `${result.engine} (${result.runtime})`],
    ['Embeddings', `shape [${result.shape.join(', ')}]`],
    ['Load time', `${fixedNumber(result.loadMs, 0)} ms`],
    ['Encode time', `${fixedNumber(result.encodeMs, 0)} ms`],
  ])
  showMatrix(sentences, result.similarity)
  elementById('result', HTMLScriptElement).textContent = JSON.stringify(result, null, 2)
  elementById('outcome', HTMLElement).hidden = false
}

function showFacts(facts: readonly (readonly [name: string, value: string])[]): void {
  const entries = facts.map(([name, value]) => {
    const entry = document.createElement('div')
    entry.append(cell('dt', name), cell('dd', value))
    return entry
  })
  elementById('facts', HTMLElement).replaceChildren(...entries)
}

function showMatrix(sentences: readonly string[], similarity: readonly (readonly number[])[]): void {
  const head = document.createElement('tr')
  head.append(document.createElement('td'), ...sentences.map((sentence) => headerCell(sentence, 'col')))
  elementById('similarity-head', HTMLElement).replaceChildren(head)
  const rows = similarity.map((scores, index) => {
    const row = document.createElement('tr')
    row.append(headerCell(sentences[index] ?? '', 'row'), ...scores.map(scoreCell))
    return row
  })
  elementById('similarity-body', HTMLElement).replaceChildren(...rows)
}

function headerCell(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const header = cell('th', text)
  header.scope = scope
  return header
}

function scoreCell(score: number): HTMLTableCellElement {
  const data = cell('td', fixedNumber(score, 4))
  data.className = 'score'
  data.style.setProperty('--score', String(Math.max(0, score)))
  return data
}

function cell<Name extends 'dt' | 'dd' | 'th' | 'td'>(name: Name, text: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  element.textContent = text
  return element
}
