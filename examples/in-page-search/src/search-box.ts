import { elementById } from './element.js'
import type { Hit } from './passage-index.js'
import type { Passage } from './passages.js'
import { ResultList } from './result-list.js'

/** Below this width the results cover the text, so choosing one has to close them. Equal to the break in the style sheet. */
const WIDE_LAYOUT = '(min-width: 64rem)'

/** What the search box tells. */
export interface SearchBoxListeners {
  /** Called at each change with the trimmed text; empty when the box was cleared. */
  readonly onQuery: (query: string) => void
  /** Called when a result is chosen with Enter or the pointer. */
  readonly onChoose: (passage: Passage) => void
}

/**
 * Ties the box to its results as a combobox with a listbox: the focus stays in the box while the arrows move through the list.
 *
 * @see {@link https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ | ARIA combobox pattern}
 */
export class SearchBox {
  readonly #input = elementById('query', HTMLInputElement)
  readonly #list: ResultList
  readonly #listeners: SearchBoxListeners
  #listedQuery = ''
  /** Enter came faster than the hits: the best one is chosen as soon as it is known. */
  #isChoiceDue = false

  /**
   * Finds the box in the page; {@link SearchBox.start} makes it work.
   *
   * @param listeners - Told about queries and choices.
   */
  constructor(listeners: SearchBoxListeners) {
    this.#listeners = listeners
    this.#list = new ResultList((hit) => {
      this.#choose(hit)
    })
  }

  /** The trimmed text of the box. */
  get query(): string {
    return this.#input.value.trim()
  }

  /** Listens to the box, and takes up what was typed before the script ran. */
  start(): void {
    this.#input.addEventListener('input', () => {
      this.#queryChanged()
    })
    this.#input.addEventListener('keydown', (event) => {
      this.#handleKey(event)
    })
    this.#input.addEventListener('focus', () => {
      this.#setExpanded(true)
    })
    elementById('search', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
    })
    document.addEventListener('keydown', (event) => {
      this.#handlePageKey(event)
    })
    if (this.query !== '') this.#queryChanged()
  }

  /**
   * Lists the hits of a query.
   *
   * @param query - The query, as it was reported.
   * @param hits - Hits, the best one first.
   */
  showHits(query: string, hits: readonly Hit[]): void {
    this.#listedQuery = query
    this.#list.show(hits)
    this.#markActive()
    this.#setExpanded(document.activeElement === this.#input || matchMedia(WIDE_LAYOUT).matches)
    if (this.#isChoiceDue) this.#chooseActive()
  }

  #queryChanged(): void {
    this.#isChoiceDue = false
    if (this.query === '') this.showHits('', [])
    this.#listeners.onQuery(this.query)
  }

  #clear(): void {
    this.#input.value = ''
    this.#queryChanged()
  }

  #chooseActive(): void {
    this.#isChoiceDue = this.#listedQuery !== this.query && this.#list.active === undefined
    const hit = this.#list.active ?? this.#list.first
    if (hit !== undefined && !this.#isChoiceDue) this.#choose(hit)
  }

  #choose(hit: Hit): void {
    if (!matchMedia(WIDE_LAYOUT).matches) this.#setExpanded(false)
    this.#listeners.onChoose(hit.passage)
  }

  #handleKey(event: KeyboardEvent): void {
    if (event.isComposing) return
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        event.preventDefault()
        this.#setExpanded(true)
        this.#list.move(event.key === 'ArrowDown' ? 1 : -1)
        this.#markActive()
        break
      case 'Enter':
        event.preventDefault()
        this.#chooseActive()
        break
    }
  }

  #handlePageKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.#input.value !== '' && !event.isComposing) {
      event.preventDefault()
      this.#clear()
    }
    const isTyping = event.target instanceof HTMLInputElement
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    this.#input.focus({ preventScroll: true })
    this.#input.select()
  }

  #markActive(): void {
    const id = this.#list.activeOptionId
    if (id === undefined) this.#input.removeAttribute('aria-activedescendant')
    else this.#input.setAttribute('aria-activedescendant', id)
  }

  #setExpanded(isWanted: boolean): void {
    const isExpanded = isWanted && this.#list.first !== undefined
    this.#input.setAttribute('aria-expanded', String(isExpanded))
    this.#list.isVisible = isExpanded
  }
}
