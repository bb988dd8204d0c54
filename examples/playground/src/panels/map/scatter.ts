import { createSvg } from '../../dom/create.js'
import { shorten } from '../../text/shorten.js'
import { HEIGHT, WIDTH } from './dot-layout.js'
import { neighbourInDirection, type Direction } from './neighbour-in-direction.js'

/** What stands for a text. */
export interface Dot {
  readonly text: string
  readonly group: string
  readonly colour: string
}

/** What a scatter tells. */
export interface ScatterListeners {
  /** The pointer or the focus is on a dot. */
  readonly onHover: (index: number) => void
  /** A dot was chosen. */
  readonly onSelect: (index: number) => void
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
}

/** Draws dots in a plane. They are one stop of the Tab key; arrow keys move to the next dot in their direction, Enter selects. */
export class Scatter {
  readonly #frame: HTMLElement
  readonly #listeners: ScatterListeners
  #points: Float32Array = new Float32Array()
  #circles: SVGCircleElement[] = []
  #links = createSvg('g')
  /** The dot that the Tab key stops at. */
  #current = 0
  #selected = 0

  /**
   * Draws nothing yet.
   *
   * @param frame - Where the drawing goes.
   * @param listeners - Told what happens.
   */
  constructor(frame: HTMLElement, listeners: ScatterListeners) {
    this.#frame = frame
    this.#listeners = listeners
  }

  /**
   * Draws dots.
   *
   * @param points - Coordinates `x, y` of each, in the drawing.
   */
  show(points: Float32Array, dots: readonly Dot[]): void {
    this.#points = points
    this.#current = 0
    this.#selected = 0
    const svg = createSvg('svg', {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: 'listbox',
      'aria-label': 'Texts; near ones mean alike',
    })
    this.#links = createSvg('g')
    this.#circles = dots.map((dot, index) => this.#createCircle(dot, index))
    svg.append(this.#links, ...this.#circles)
    svg.addEventListener('keydown', (event) => {
      this.#handleKey(event)
    })
    this.#frame.replaceChildren(svg)
  }

  /** Marks a dot and draws lines to others. */
  select(selected: number, others: readonly number[]): void {
    // Only two of hundreds change.
    this.#circles[this.#selected]?.setAttribute('aria-selected', 'false')
    this.#circles[selected]?.setAttribute('aria-selected', 'true')
    this.#selected = selected
    const [x1, y1] = this.#at(selected)
    this.#links.replaceChildren(
      ...others.map((other) => {
        const [x2, y2] = this.#at(other)
        return createSvg('line', { class: 'map-link', x1, y1, x2, y2 })
      }),
    )
  }

  #createCircle({ text, group, colour }: Dot, index: number): SVGCircleElement {
    const [cx, cy] = this.#at(index)
    const circle = createSvg('circle', {
      class: 'map-point',
      cx,
      cy,
      role: 'option',
      tabindex: index === 0 ? 0 : -1,
      'aria-selected': 'false',
      'aria-label': shorten(group === '' ? text : `${group}: ${text}`),
      style: `--group: ${colour}`,
    })
    for (const type of ['pointerenter', 'focus']) {
      circle.addEventListener(type, () => {
        this.#listeners.onHover(index)
      })
    }
    circle.addEventListener('click', () => {
      this.#focus(index)
      this.#listeners.onSelect(index)
    })
    return circle
  }

  #handleKey(event: KeyboardEvent): void {
    const index = this.#circles.indexOf(event.target as SVGCircleElement)
    const direction = DIRECTIONS[event.key]
    if (index < 0) return
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      this.#listeners.onSelect(index)
    } else if (direction !== undefined) {
      event.preventDefault()
      this.#focus(neighbourInDirection(this.#points, index, direction) ?? index)
    }
  }

  #focus(index: number): void {
    this.#circles[this.#current]?.setAttribute('tabindex', '-1')
    this.#circles[index]?.setAttribute('tabindex', '0')
    this.#current = index
    this.#circles[index]?.focus({ preventScroll: true })
  }

  #at(index: number): readonly [number, number] {
    return [this.#points[2 * index] ?? 0, this.#points[2 * index + 1] ?? 0]
  }
}
