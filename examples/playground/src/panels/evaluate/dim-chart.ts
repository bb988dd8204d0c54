import type { Evaluation } from '@nestling/evaluate'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

const HEIGHT = 240

/** Lines of the chart: metrics of cosine, the function of nearly all models. */
const SERIES = [
  { metric: 'spearman_cosine', label: 'Spearman', colour: ['#0f6b5c', '#62cdb7'], dash: [] },
  { metric: 'pearson_cosine', label: 'Pearson', colour: ['#c2542d', '#f0916b'], dash: [6, 4] },
] as const

/** Draws quality by dim; it follows the width of its frame and the colours of the page. */
export class DimChart {
  readonly #frame: HTMLElement
  #plot: UPlot | undefined
  #evaluations: readonly Evaluation[] = []

  /**
   * Draws nothing yet.
   *
   * @param frame - Where the chart goes; it has its height already.
   */
  constructor(frame: HTMLElement) {
    this.#frame = frame
    new ResizeObserver(() => {
      this.#plot?.setSize({ width: frame.clientWidth, height: HEIGHT })
    }).observe(frame)
    darkScheme().addEventListener('change', () => {
      this.#draw()
    })
  }

  /**
   * Shows results.
   *
   * @param evaluations - One a dim.
   */
  show(evaluations: readonly Evaluation[]): void {
    this.#evaluations = evaluations
    this.#draw()
    const points = evaluations.map(
      ({ truncateDim, metrics }) => `${truncateDim ?? 0} components: ${(metrics['spearman_cosine'] ?? NaN).toFixed(3)}`,
    )
    this.#frame.setAttribute('aria-label', `Spearman correlation by dim. ${points.join(', ')}`)
  }

  /**
   * Gives the chart as a picture.
   *
   * @returns A PNG file.
   * @throws {Error} If there is no chart.
   */
  toPng(): Promise<Blob> {
    return new Promise((resolve, reject) => {
      const canvas = this.#plot?.ctx.canvas
      if (canvas === undefined) throw new Error('Cannot save the chart as nothing was evaluated yet')
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('Cannot save the chart as the browser made no picture of it'))
        else resolve(blob)
      })
    })
  }

  #draw(): void {
    this.#plot?.destroy()
    if (this.#evaluations.length === 0) return
    const sorted = [...this.#evaluations].sort((a, b) => (a.truncateDim ?? 0) - (b.truncateDim ?? 0))
    const dims = sorted.map(({ truncateDim }) => truncateDim ?? 0)
    const lines = SERIES.map(({ metric }) => sorted.map(({ metrics }) => metrics[metric] ?? null))
    this.#plot = new UPlot(chartOptions(this.#frame.clientWidth, dims), [[...dims.keys()], ...lines], this.#frame)
  }
}

function chartOptions(width: number, dims: readonly number[]): UPlot.Options {
  const isDark = darkScheme().matches
  const ink = isDark ? '#a3a9b1' : '#59616b'
  const grid = { stroke: isDark ? '#32373d' : '#e2ded5', width: 1 }
  const font = '12px system-ui, sans-serif'
  const axis = { stroke: ink, grid, ticks: grid, font, labelFont: font, labelSize: 18 }
  return {
    width,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    // Dims stand side by side, as each is about twice the one before.
    scales: { x: { time: false, range: [-0.3, dims.length - 0.7] } },
    axes: [
      { ...axis, label: 'components', size: 34, splits: () => [...dims.keys()], values: () => dims.map(String) },
      { ...axis, size: 56, values: (_plot, splits) => splits.map((value) => value.toFixed(2)) },
    ],
    series: [
      { label: 'Components', value: (_plot: UPlot, index: number | null) => String(dims[index ?? -1] ?? '–') },
      ...SERIES.map(({ label, colour, dash }) => ({
        label,
        stroke: colour[isDark ? 1 : 0],
        width: 2,
        dash: [...dash],
        points: { show: true, size: 7 },
        value: (_plot: UPlot, value: number | null) => value?.toFixed(4) ?? '–',
      })),
    ],
  }
}

function darkScheme(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)')
}
