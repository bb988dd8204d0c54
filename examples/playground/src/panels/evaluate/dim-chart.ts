import type { Evaluation } from '@nestling/evaluate'
import { createSvg, type Attributes } from '../../dom/create.js'
import { chartScale, type ChartScale } from './chart-scale.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

const WIDTH = 560
const HEIGHT = 300
const LEFT = 48
const RIGHT = 24
const TOP = 36
const BOTTOM = 44
const MOST_LINES = 5

/** Lines of the chart: metrics of cosine, the function of nearly all models. */
const SERIES = [
  { name: 'spearman', label: 'Spearman', metric: 'spearman_cosine' },
  { name: 'pearson', label: 'Pearson', metric: 'pearson_cosine' },
] as const

/** In the drawing itself, so that a saved one has colours too. */
const STYLE = `
.dim-chart { --ink: #59616b; --grid: #e2ded5; --spearman: #0f6b5c; --pearson: #b04a22; font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  .dim-chart { --ink: #a3a9b1; --grid: #3a3f46; --spearman: #62cdb7; --pearson: #f0916b; }
}
.dim-chart text { fill: var(--ink); }
.dim-chart .grid { stroke: var(--grid); }
.dim-chart .spearman { stroke: var(--spearman); fill: var(--spearman); }
.dim-chart .pearson { stroke: var(--pearson); fill: var(--pearson); }
.dim-chart polyline.pearson { stroke-dasharray: 7 5; }
.dim-chart polyline { stroke-width: 2.5; }
.dim-chart polyline.line { fill: none; }
`

/** Draws quality by dim. */
export class DimChart {
  readonly #frame: HTMLElement

  /**
   * Draws nothing yet.
   *
   * @param frame - Where the chart goes; it has its height already.
   */
  constructor(frame: HTMLElement) {
    this.#frame = frame
  }

  /** Shows results. */
  show(evaluations: readonly Evaluation[]): void {
    const sorted = [...evaluations].sort((a, b) => (a.truncateDim ?? 0) - (b.truncateDim ?? 0))
    const lines = SERIES.map(({ metric }) => sorted.map(({ metrics }) => metrics[metric] ?? NaN))
    const scale = chartScale(lines.flat(), MOST_LINES)
    const svg = createSvg('svg', { class: 'dim-chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' })
    const style = createSvg('style')
    style.textContent = STYLE
    svg.append(style, ...drawScale(scale), ...drawDims(sorted), ...drawLegend())
    for (const [index, values] of lines.entries()) svg.append(...drawLine(SERIES[index]?.name ?? '', values, scale))
    this.#frame.replaceChildren(svg)
    const points = sorted.map(
      ({ truncateDim, metrics }) =>
        `${truncateDim ?? 0} components: ${fixedNumber(metrics['spearman_cosine'] ?? NaN, 3)}`,
    )
    this.#frame.setAttribute('aria-label', `Spearman correlation by dim. ${points.join(', ')}`)
  }

  /** Shows nothing. */
  clear(): void {
    this.#frame.replaceChildren()
    this.#frame.setAttribute('aria-label', 'No results yet')
  }

  /**
   * Gives the chart as a drawing.
   *
   * @returns An SVG file.
   */
  toSvg(): string {
    const svg = this.#frame.querySelector('svg')
    return svg === null ? '' : new XMLSerializer().serializeToString(svg)
  }
}

function drawScale({ low, high, ticks, digits }: ChartScale): SVGElement[] {
  return ticks.flatMap((tick) => {
    const y = yOf(tick, { low, high })
    return [
      createSvg('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
      write(fixedNumber(tick, digits), { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' }),
    ]
  })
}

function drawDims(sorted: readonly Evaluation[]): SVGElement[] {
  const names = sorted.map(({ truncateDim }, index) =>
    write(String(truncateDim ?? ''), {
      x: xOf(index, sorted.length),
      y: HEIGHT - BOTTOM + 20,
      'text-anchor': 'middle',
    }),
  )
  const middle = (LEFT + WIDTH - RIGHT) / 2
  return [...names, write('components', { x: middle, y: HEIGHT - 6, 'text-anchor': 'middle' })]
}

function drawLegend(): SVGElement[] {
  return SERIES.flatMap(({ name, label }, index) => {
    const x = LEFT + index * 120
    return [
      createSvg('polyline', { class: `line ${name}`, points: `${x},14 ${x + 28},14` }),
      write(label, { x: x + 36, y: 18 }),
    ]
  })
}

function drawLine(name: string, values: readonly number[], scale: ChartScale): SVGElement[] {
  const points = values
    .map((value, index) => ({ value, x: xOf(index, values.length) }))
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, x }) => ({ x, y: yOf(value, scale), value }))
  const line = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  return [
    createSvg('polyline', { class: `line ${name}`, points: line }),
    ...points.map(({ x, y, value }) => {
      const dot = createSvg('circle', { class: name, cx: x, cy: y, r: 4 })
      const title = createSvg('title')
      title.textContent = fixedNumber(value, 4)
      dot.append(title)
      return dot
    }),
  ]
}

/** Dims stand side by side, as each is about twice the one before. */
function xOf(index: number, count: number): number {
  const room = WIDTH - LEFT - RIGHT
  return LEFT + (room * (index + 0.5)) / Math.max(1, count)
}

function yOf(value: number, { low, high }: Pick<ChartScale, 'low' | 'high'>): number {
  return HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)
}

function write(text: string, attributes: Attributes): SVGTextElement {
  const element = createSvg('text', attributes)
  element.textContent = text
  return element
}
