import { create } from '../../dom/create.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

/** What a heat map shows. */
export interface HeatMapData {
  readonly texts: readonly string[]
  /** Values, row after row. */
  readonly values: Float32Array
  /** Whether they are changes of scores rather than scores. */
  readonly isChange: boolean
}

/** More than so many columns leave no room for numbers. */
const MOST_WITH_NUMBERS = 12

/** More than so many leave none on a phone. */
const MOST_WITH_NUMBERS_NARROW = 8

/** Scores at which a cell has no colour and full colour; changes are smaller. */
const SCORE_RANGE = { low: 0, high: 1 }
const CHANGE_RANGE = { low: 0, high: 0.3 }

/**
 * Draws a matrix as a table with coloured cells. It is one stop of the Tab key; arrow keys move in it.
 */
export class HeatMap {
  readonly #frame: HTMLElement
  readonly #onCell: (row: number, column: number) => void
  #cells: HTMLTableCellElement[] = []
  #texts: readonly string[] = []
  #table: HTMLTableElement | undefined

  /**
   * Draws nothing yet.
   *
   * @param frame - Where the table goes.
   * @param onCell - Told which cell the pointer or the focus is on.
   */
  constructor(frame: HTMLElement, onCell: (row: number, column: number) => void) {
    this.#frame = frame
    this.#onCell = onCell
    const tell = (event: Event): void => {
      const index = this.#cells.indexOf(event.target as HTMLTableCellElement)
      if (index >= 0) this.#onCell(Math.floor(index / this.#texts.length), index % this.#texts.length)
    }
    frame.addEventListener('pointerover', tell)
    frame.addEventListener('focusin', tell)
    frame.addEventListener('keydown', (event) => {
      this.#move(event)
    })
  }

  /**
   * Shows values; the table is only made anew where the texts are others.
   *
   * @param data - Texts and values.
   */
  show({ texts, values, isChange }: HeatMapData): void {
    if (texts.join('\n') !== this.#texts.join('\n') || this.#table === undefined) this.#build(texts)
    this.#table?.classList.toggle('is-change', isChange)
    const { low, high } = isChange ? CHANGE_RANGE : SCORE_RANGE
    for (const [index, cell] of this.#cells.entries()) {
      const value = values[index] ?? 0
      const size = isChange ? Math.abs(value) : value
      cell.style.setProperty('--heat', Math.min(1, Math.max(0, (size - low) / (high - low))).toFixed(3))
      cell.textContent = isChange ? signed(shortNumber(value)) : shortNumber(value)
    }
  }

  /** Shows nothing. */
  clear(): void {
    this.#cells = []
    this.#texts = []
    this.#table = undefined
    this.#frame.replaceChildren()
  }

  #build(texts: readonly string[]): void {
    this.#texts = texts
    const head = texts.map((text, index) => create('th', { scope: 'col', title: text }, [String(index + 1)]))
    const rows = texts.map((text, row) => {
      const cells = texts.map((_, column) => create('td', { tabindex: row === 0 && column === 0 ? 0 : -1 }))
      return create('tr', {}, [create('th', { scope: 'row', title: text }, [String(row + 1)]), ...cells])
    })
    const table = create('table', { class: 'heat-map', style: `--columns: ${texts.length}` }, [
      create('caption', { class: 'visually-hidden' }, ['Similarity of every sentence with every other']),
      create('thead', {}, [create('tr', {}, [create('td', { class: 'corner', hidden: true }), create('th'), ...head])]),
      create('tbody', {}, rows),
    ])
    table.querySelector('.corner')?.remove()
    table.classList.toggle('is-dense', texts.length > MOST_WITH_NUMBERS)
    table.classList.toggle('is-wide', texts.length > MOST_WITH_NUMBERS_NARROW)
    this.#cells = [...table.querySelectorAll<HTMLTableCellElement>('tbody td')]
    this.#table = table
    this.#frame.replaceChildren(table)
  }

  #move(event: KeyboardEvent): void {
    const count = this.#texts.length
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: count, ArrowUp: -count }[event.key]
    const index = this.#cells.indexOf(event.target as HTMLTableCellElement)
    if (step === undefined || index < 0) return
    const isSideways = Math.abs(step) === 1
    const next = this.#cells[index + step]
    if (next === undefined || (isSideways && Math.floor(index / count) !== Math.floor((index + step) / count))) return
    event.preventDefault()
    this.#cells[index]?.setAttribute('tabindex', '-1')
    next.tabIndex = 0
    next.focus()
  }
}

/** A change that rounds to nothing is none. */
function signed(text: string): string {
  return Number(text) > 0 ? `+${text}` : text
}

function shortNumber(value: number): string {
  return fixedNumber(value, 2).replace(/^(-?)0\./, '$1.')
}
