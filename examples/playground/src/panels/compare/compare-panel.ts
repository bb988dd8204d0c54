import { latest, type Embedder, type Embeddings } from 'nestling'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import { markStale } from '../../dom/stale.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import { shorten } from '../../text/shorten.js'
import { SAMPLE_SENTENCES } from '../../text/sample-sentences.js'
import './compare.css'
import markup from './compare.html?raw'
import { DimSlider } from './dim-slider.js'
import { HeatMap } from './heat-map.js'
import { matrixChange } from './matrix-change.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

/** Sentences that a matrix shows: 576 cells are drawn in a few milliseconds. */
const MOST_TEXTS = 24

/** Quiet time after the last keystroke before sentences are encoded, in milliseconds. */
const TYPING_PAUSE_MS = 200

const BITS_PER_BYTE = 8

interface Encoded {
  readonly embedder: Embedder
  readonly texts: readonly string[]
  readonly embeddings: Embeddings
  /** Scores of the full vectors. */
  readonly full: Float32Array
}

/** Compares sentences: encodes them when they change, and compares short vectors as the slider moves. */
class ComparePanel {
  readonly #page: Playground
  readonly #root: HTMLElement
  readonly #texts: HTMLTextAreaElement
  readonly #message: MessageLine
  readonly #slider: DimSlider
  readonly #heat: HeatMap
  readonly #change: HTMLInputElement
  readonly #encodeNewest = latest((signal: AbortSignal, texts: readonly string[]) => this.#encode(signal, texts))
  #encoded: Encoded | undefined
  #shown: { readonly scores: Float32Array; readonly texts: readonly string[] } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#texts = find(root, '#compare-texts', HTMLTextAreaElement)
    this.#texts.value = SAMPLE_SENTENCES.join('\n')
    this.#message = new MessageLine(find(root, '[data-part=message]', HTMLElement))
    this.#slider = new DimSlider(root, () => void this.#draw())
    this.#heat = new HeatMap(find(root, '[data-part=heat]', HTMLElement), (row, column) => {
      this.#showCell(row, column)
    })
    this.#change = find(root, '[data-part=change]', HTMLInputElement)
    this.#change.addEventListener('change', () => void this.#draw())
    this.#texts.addEventListener('input', () => {
      clearTimeout(this.#timer)
      markStale(this.#part('matrix'), true)
      this.#timer = setTimeout(() => void this.#update(), TYPING_PAUSE_MS)
    })
    page.session.subscribe(({ kind }) => {
      if (kind === 'ready') void this.#update()
    })
    if (page.session.state.kind !== 'ready') this.#message.say('Waiting for the model')
  }

  async #update(): Promise<void> {
    const all = this.#texts.value.split('\n').map((line) => line.trim())
    const texts = all.filter((line) => line !== '')
    const shown = texts.slice(0, MOST_TEXTS)
    try {
      if (shown.length === 0) {
        this.#clear('Write at least one sentence')
        return
      }
      const encoded = await this.#encodeNewest(shown)
      if (encoded === undefined) return
      this.#encoded = encoded
      this.#part('cell').textContent = ''
      this.#slider.setRange(encoded.embeddings.dim, encoded.embedder.nestedDims)
      const more = texts.length > MOST_TEXTS ? `; the first ${MOST_TEXTS} of ${texts.length} are shown` : ''
      const count = shown.length === 1 ? '1 sentence' : `${shown.length} sentences`
      this.#message.say(`${count}, compared by ${encoded.embedder.similarityFunction}${more}`)
      await this.#draw()
      markStale(this.#part('matrix'), false)
    } catch (error) {
      this.#clear('')
      this.#message.fail(error)
    }
  }

  /** Shows no matrix: one of other sentences would be wrong. */
  #clear(message: string): void {
    this.#encoded = undefined
    this.#shown = undefined
    this.#heat.clear()
    for (const name of ['bytes', 'difference', 'order']) this.#fact(name, '–')
    this.#part('cell').textContent = ''
    this.#message.say(message)
    markStale(this.#part('matrix'), false)
  }

  async #encode(signal: AbortSignal, texts: readonly string[]): Promise<Encoded> {
    const embedder = await this.#page.session.embedder()
    // What one types for a moment is not worth keeping.
    const embeddings = await embedder.encode(texts, { cache: false, priority: 'interactive', signal })
    const { data } = await embedder.similarity(embeddings, embeddings)
    return { embedder, texts, embeddings, full: data }
  }

  async #draw(): Promise<void> {
    const encoded = this.#encoded
    if (encoded === undefined) return
    const { embedder, texts, embeddings, full } = encoded
    const dim = this.#slider.dim
    const cut = embeddings.truncate(dim)
    const { data: scores } = await embedder.similarity(cut, cut)
    // The slider or the sentences have moved on.
    if (encoded !== this.#encoded || dim !== this.#slider.dim) return
    const change = matrixChange(full, scores, texts.length)
    const isChange = this.#change.checked
    this.#shown = { scores, texts }
    this.#heat.show({ texts, values: isChange ? change.differences : scores, isChange })
    this.#fact('bytes', `${4 * dim} as float32, ${dim} as int8, ${Math.ceil(dim / BITS_PER_BYTE)} as bits`)
    this.#fact('difference', `${fixedNumber(change.mean, 3)} on average, ${fixedNumber(change.largest, 3)} at most`)
    this.#fact(
      'order',
      Number.isNaN(change.order) ? '–' : `Spearman ${fixedNumber(change.order, 3)} with the full vectors`,
    )
    this.#root.dataset['dim'] = String(dim)
  }

  #showCell(row: number, column: number): void {
    if (this.#shown === undefined) return
    const { scores, texts } = this.#shown
    const score = fixedNumber(scores[row * texts.length + column] ?? NaN, 3)
    const both = `“${shorten(texts[row] ?? '')}” and “${shorten(texts[column] ?? '')}”`
    this.#part('cell').textContent = `${score}: ${both}`
  }

  #fact(name: string, text: string): void {
    this.#part(name).textContent = text
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

/**
 * Compares sentences in a heat map, at any number of components.
 */
export const mount: MountPanel = (root, page) => {
  new ComparePanel(root, page)
}
