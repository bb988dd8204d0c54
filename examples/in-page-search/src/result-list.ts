import { elementById } from './element.js'
import type { Hit } from './passage-index.js'
import { fixedNumber } from './fixed-number.js'

/** Shows hits as the options of a listbox and keeps track of the active one. */
export class ResultList {
  readonly #listbox = elementById('results', HTMLElement)
  readonly #onChoose: (hit: Hit) => void
  #hits: readonly Hit[] = []
  #options: readonly HTMLElement[] = []
  #activeIndex = -1

  /**
   * Finds the listbox in the page.
   *
   * @param onChoose - Called when a result is clicked.
   */
  constructor(onChoose: (hit: Hit) => void) {
    this.#onChoose = onChoose
    // Otherwise a press on an option takes the focus from the box, which closes the on-screen keyboard under the finger.
    this.#listbox.addEventListener('pointerdown', (event) => {
      event.preventDefault()
    })
  }

  /** The hit that the arrows have reached, if any. */
  get active(): Hit | undefined {
    return this.#hits[this.#activeIndex]
  }

  /** Id of the active option's element. */
  get activeOptionId(): string | undefined {
    return this.#options[this.#activeIndex]?.id
  }

  /** The best hit, if there are any. */
  get first(): Hit | undefined {
    return this.#hits[0]
  }

  /** Whether the list can be seen. */
  set isVisible(isVisible: boolean) {
    this.#listbox.hidden = !isVisible
  }

  /**
   * Replaces the list; no option is active afterwards.
   *
   * @param hits - Hits, the best one first.
   */
  show(hits: readonly Hit[]): void {
    this.#hits = hits
    this.#activeIndex = -1
    this.#options = hits.map((hit, index) => this.#createOption(hit, index))
    this.#listbox.replaceChildren(...this.#options)
    this.#listbox.scrollTop = 0
  }

  /**
   * Moves the active option and goes round at both ends.
   *
   * @param step - 1 for the next option, -1 for the one before.
   */
  move(step: 1 | -1): void {
    const count = this.#options.length
    if (count === 0) return
    this.#options[this.#activeIndex]?.setAttribute('aria-selected', 'false')
    this.#activeIndex = this.#activeIndex < 0 && step < 0 ? count - 1 : (this.#activeIndex + step + count) % count
    const option = this.#options[this.#activeIndex]
    option?.setAttribute('aria-selected', 'true')
    option?.scrollIntoView({ block: 'nearest', behavior: 'instant' })
  }

  #createOption(hit: Hit, index: number): HTMLElement {
    const option = document.createElement('li')
    option.id = `result-${index + 1}`
    option.className = 'result'
    option.setAttribute('role', 'option')
    option.setAttribute('aria-selected', 'false')
    option.dataset['passageId'] = hit.passage.id
    option.append(
      createPart('result-section', hit.passage.section),
      createPart('result-score', fixedNumber(hit.score, 2)),
      createPart('result-snippet', hit.passage.text),
    )
    option.addEventListener('click', () => {
      this.#onChoose(hit)
    })
    return option
  }
}

function createPart(className: string, text: string): HTMLElement {
  const part = document.createElement('span')
  part.className = className
  part.textContent = text
  return part
}
