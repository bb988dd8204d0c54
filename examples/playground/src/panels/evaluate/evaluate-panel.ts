import {
  EmbeddingSimilarityEvaluator,
  evaluationsToCsv,
  evaluationsToJson,
  evaluationsToMarkdown,
  matryoshkaTable,
  type Evaluation,
} from '@nestling/evaluate'
import type { Embedder } from 'nestling'
import { download } from '../../dom/download.js'
import { acceptDrops } from '../../dom/drop-zone.js'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import { nextTask } from '../../dom/next-task.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import { DimChart } from './dim-chart.js'
import './evaluate.css'
import markup from './evaluate.html?raw'
import { readPairs } from './read-pairs.js'
import { resultTable } from './result-table.js'
import samplePairs from './sample-pairs.csv?raw'
import type { ScoredPairs } from './scored-pairs.js'

/** Evaluates the page's model on scored pairs, at several dims. */
class EvaluatePanel {
  readonly #root: HTMLElement
  readonly #page: Playground
  readonly #message: MessageLine
  readonly #source: MessageLine
  readonly #chart: DimChart
  #pairs: ScoredPairs | undefined
  /** Ends when the file that was chosen last is read, or cannot be. */
  #reading: Promise<void>
  #running: AbortController | undefined
  #results: readonly Evaluation[] = []

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#message = new MessageLine(this.#part('message'), find(root, '[data-part=progress]', HTMLProgressElement))
    this.#source = new MessageLine(this.#part('source'))
    this.#chart = new DimChart(this.#part('chart'))
    this.#listen()
    this.#reading = this.#read(new Blob([samplePairs]), 'Our own')
    page.session.subscribe((state) => {
      if (state.kind === 'ready') this.#input('dims').value = dimsOf(state.embedder).join(', ')
      // Results of another model are none of this one.
      if (state.kind === 'loading') this.#clear()
    })
  }

  #listen(): void {
    const file = find(this.#root, '[data-part=file]', HTMLInputElement)
    const take = (files: FileList | null): void => {
      const [first] = files ?? []
      if (first !== undefined) this.#reading = this.#read(first, first.name)
    }
    file.addEventListener('change', () => {
      take(file.files)
    })
    acceptDrops(this.#part('drop'), (dropped) => {
      take(dropped.files)
    })
    this.#part('run').addEventListener('click', () => void this.#run())
    this.#part('stop').addEventListener('click', () => {
      this.#running?.abort(new DOMException('Stopped', 'AbortError'))
    })
    for (const button of this.#saveButtons()) {
      button.addEventListener('click', () => {
        this.#save(button.dataset['save'] ?? '')
      })
    }
  }

  async #read(file: Blob, name: string): Promise<void> {
    this.#pairs = undefined
    this.#clear()
    try {
      this.#pairs = await readPairs(file)
      this.#source.say(`${name}: ${this.#pairs.scores.length} pairs`)
    } catch (error) {
      this.#source.fail(error)
    }
  }

  async #run(): Promise<void> {
    await this.#reading
    this.#clear()
    if (this.#pairs === undefined) {
      this.#message.say('There are no pairs to evaluate: choose another file')
      return
    }
    this.#running?.abort(new DOMException('Started anew', 'AbortError'))
    const running = new AbortController()
    this.#running = running
    this.#setRunning(true)
    try {
      const dims = readDims(this.#input('dims').value)
      const evaluator = new EmbeddingSimilarityEvaluator(firstPairs(this.#pairs, this.#input('limit').value))
      this.#message.say('Waiting for the model', 0)
      const embedder = await this.#page.session.embedder()
      const start = performance.now()
      this.#results = await matryoshkaTable(evaluator, embedder, {
        dims,
        signal: running.signal,
        onProgress: ({ phase, fraction }) => {
          this.#message.say(phase === 'encode' ? 'Encoding' : 'Comparing', fraction)
        },
      })
      await this.#show((performance.now() - start) / 1000)
    } catch (error) {
      if (this.#running === running) this.#message.fail(error)
    } finally {
      if (this.#running === running) this.#setRunning(false)
    }
  }

  async #show(seconds: number): Promise<void> {
    await nextTask()
    this.#chart.show(this.#results)
    await nextTask()
    this.#part('table').replaceChildren(resultTable(this.#results))
    this.#message.say(`${this.#results.length} dims in ${seconds.toFixed(1)} s`)
    this.#page.announce('The evaluation is done')
    for (const button of this.#saveButtons()) button.disabled = false
  }

  /** Shows no results: those that are there answer another question. */
  #clear(): void {
    if (this.#results.length === 0) return
    this.#results = []
    this.#chart.clear()
    this.#part('table').replaceChildren()
    this.#message.say('')
    for (const button of this.#saveButtons()) button.disabled = true
  }

  #save(kind: string): void {
    try {
      if (kind === 'markdown') download('matryoshka.md', evaluationsToMarkdown(this.#results), 'text/markdown')
      if (kind === 'csv') download('matryoshka.csv', evaluationsToCsv(this.#results), 'text/csv')
      if (kind === 'json') download('matryoshka.json', evaluationsToJson(this.#results), 'application/json')
      if (kind === 'svg') download('quality-by-dim.svg', this.#chart.toSvg(), 'image/svg+xml')
    } catch (error) {
      this.#message.fail(error)
    }
  }

  #setRunning(isRunning: boolean): void {
    const stop = find(this.#root, '[data-part=stop]', HTMLButtonElement)
    // A button that is disabled would let go of the focus.
    if (!isRunning && document.activeElement === stop) this.#part('run').focus()
    stop.disabled = !isRunning
  }

  #saveButtons(): HTMLButtonElement[] {
    return [...this.#root.querySelectorAll<HTMLButtonElement>('[data-save]')]
  }

  #input(name: string): HTMLInputElement {
    return find(this.#root, `#evaluate-${name}`, HTMLInputElement)
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

function dimsOf({ dim, nestedDims = [] }: Embedder): readonly number[] {
  return [...new Set([dim, ...nestedDims])].sort((a, b) => b - a)
}

function readDims(text: string): readonly number[] {
  return text
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
    .map(Number)
}

function firstPairs({ sentences1, sentences2, scores }: ScoredPairs, limit: string): ScoredPairs {
  const count = limit === '' ? scores.length : Number(limit)
  return {
    sentences1: sentences1.slice(0, count),
    sentences2: sentences2.slice(0, count),
    scores: scores.slice(0, count),
  }
}

/** Measures the page's model on sentences that people have compared. */
export const mount: MountPanel = (root, page) => {
  new EvaluatePanel(root, page)
}
