import { create } from '../../dom/create.js'
import { find } from '../../dom/find.js'

/** The shortest vector that the slider offers, and its step. */
const STEP = 16

/** Chooses how many components of a vector count. */
export class DimSlider {
  readonly #input: HTMLInputElement
  readonly #output: HTMLOutputElement
  readonly #marks: HTMLDataListElement
  #most = 0
  #nested: readonly number[] = []

  /**
   * Takes the slider of the panel; it has no range until a model is there.
   *
   * @param onChange - Told when another number is chosen.
   */
  constructor(root: HTMLElement, onChange: () => void) {
    this.#input = find(root, '#compare-dim', HTMLInputElement)
    this.#output = find(root, '[data-part=dim]', HTMLOutputElement)
    this.#marks = find(root, '#compare-dims', HTMLDataListElement)
    this.#input.addEventListener('input', () => {
      this.#showValue()
      onChange()
    })
  }

  /** Components that are chosen. */
  get dim(): number {
    return Number(this.#input.value)
  }

  /**
   * Takes the range of a model; the whole vector is chosen where its length changes.
   *
   * @param dim - Components of its vectors.
   * @param nestedDims - Dims it was trained for.
   */
  setRange(dim: number, nestedDims: readonly number[] | undefined): void {
    this.#nested = nestedDims ?? []
    if (dim === this.#most) return
    this.#most = dim
    const step = dim % STEP === 0 ? STEP : 1
    const least = Math.min(STEP, dim)
    Object.assign(this.#input, { min: String(least), max: String(dim), step: String(step), disabled: false })
    this.#input.value = String(dim)
    this.#marks.replaceChildren(...this.#nested.map((value) => create('option', { value })))
    this.#showValue()
  }

  #showValue(): void {
    const isNested = this.dim === this.#most || this.#nested.includes(this.dim)
    this.#output.textContent = `${this.dim} of ${this.#most}${isNested ? '' : ', not nested'}`
  }
}
