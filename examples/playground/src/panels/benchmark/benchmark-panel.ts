import { load, type Embedder } from 'nestling'
import { create } from '../../dom/create.js'
import { download } from '../../dom/download.js'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import { BENCHMARK_SIZES } from './benchmark-size.js'
import './benchmark.css'
import markup from './benchmark.html?raw'
import { runBenchmark, type CaseResult } from './run-benchmark.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

/** Measures the page's model. */
class BenchmarkPanel {
  readonly #root: HTMLElement
  readonly #page: Playground
  readonly #message: MessageLine
  #running: AbortController | undefined
  #json = ''

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#message = new MessageLine(this.#part('message'), find(root, '[data-part=progress]', HTMLProgressElement))
    this.#part('run').addEventListener('click', () => void this.#run())
    this.#part('stop').addEventListener('click', () => {
      this.#running?.abort(new DOMException('Stopped', 'AbortError'))
    })
    this.#part('save').addEventListener('click', () => {
      download('nestling-benchmark.json', this.#json, 'application/json')
    })
  }

  async #run(): Promise<void> {
    const running = new AbortController()
    this.#running = running
    this.#clear()
    this.#setRunning(true)
    try {
      await this.#measure(running.signal)
    } catch (error) {
      this.#message.fail(running.signal.aborted ? running.signal.reason : error)
    } finally {
      this.#setRunning(false)
    }
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const kind = find(this.#root, '#benchmark-size', HTMLSelectElement).value === 'full' ? 'full' : 'quick'
    this.#message.say('Loading the model anew, as kept vectors would be no measure', 0)
    const embedder = await this.#loadAnew(signal)
    try {
      const results = await runBenchmark({
        embedder,
        size: BENCHMARK_SIZES[kind],
        signal,
        onProgress: (text, share) => {
          this.#message.say(text, share)
        },
      })
      this.#show(kind, embedder, results)
    } finally {
      await embedder.dispose()
    }
  }

  async #loadAnew(signal: AbortSignal): Promise<Embedder> {
    const { session } = this.#page
    await session.embedder()
    if (session.state.kind !== 'ready') throw new Error('Cannot measure as another model is being loaded')
    const { source, options } = session.state.choice
    return load(await source(), { ...options, device: session.loadOptions.device, signal })
  }

  #show(kind: string, embedder: Embedder, results: readonly CaseResult[]): void {
    const { model, device, engine, runtime, dtype, threads, workers } = embedder.report
    const machine = `${navigator.hardwareConcurrency} cores${crossOriginIsolated ? '' : ', not isolated'}`
    this.#part('environment').textContent =
      `${model}, ${engine} (${runtime}, ${dtype}) on ${device}, ${threads === 1 ? 'one thread' : `${threads} threads`}, ${workers.running} of ${workers.most} workers, ${machine}`
    this.#part('results').replaceChildren(...results.map(resultRow))
    const report = { ...embedder.report, warnings: undefined }
    this.#json = JSON.stringify({ kind, userAgent: navigator.userAgent, report, results }, undefined, 2)
    find(this.#root, '[data-part=save]', HTMLButtonElement).disabled = false
    this.#message.say('Measured')
    this.#page.announce('The benchmark is done')
  }

  /** Shows no results: those that are there are of an earlier run. */
  #clear(): void {
    this.#part('results').replaceChildren()
    this.#part('environment').textContent = ''
    find(this.#root, '[data-part=save]', HTMLButtonElement).disabled = true
  }

  #setRunning(isRunning: boolean): void {
    const [run, stop] = ['run', 'stop'].map((name) => find(this.#root, `[data-part=${name}]`, HTMLButtonElement)) as [
      HTMLButtonElement,
      HTMLButtonElement,
    ]
    const [on, off] = isRunning ? [stop, run] : [run, stop]
    on.disabled = false
    // A button that is disabled would let go of the focus.
    if (document.activeElement === off) on.focus()
    off.disabled = true
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

function resultRow({ name, texts, firstMs, ms, rounds }: CaseResult): HTMLTableRowElement {
  const title = texts === 1 ? name : `${name}, ${texts}`
  const figures = [
    milliseconds(ms.p50),
    milliseconds(ms.p95),
    firstMs === undefined ? '–' : milliseconds(firstMs),
    texts === 1 ? '–' : fixedNumber((texts * 1000) / ms.p50, 0),
    String(rounds),
  ]
  return create('tr', {}, [
    create('th', { scope: 'row' }, [title]),
    ...figures.map((figure) => create('td', { class: 'number' }, [figure])),
  ])
}

function milliseconds(value: number): string {
  return value < 1000 ? `${fixedNumber(value, 1)} ms` : `${fixedNumber(value / 1000, 2)} s`
}

/** Measures the page's model on this machine, with the code of `pnpm bench`. */
export const mount: MountPanel = (root, page) => {
  new BenchmarkPanel(root, page)
}
