import { nextTask } from '../../dom/next-task.js'
import { semanticSearch } from '@nestling/search'
import { latest, type Embeddings } from 'nestling'
import { create } from '../../dom/create.js'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import { markStale } from '../../dom/stale.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import sample from '../../text/sample.md?raw'
import { groupColours } from './group-colours.js'
import { readGroupedTexts, type GroupedText } from './grouped-texts.js'
import './map.css'
import markup from './map.html?raw'
import { project } from './project.js'
import { Scatter } from './scatter.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

/** Dots that one can still tell apart; an SVG of as many is drawn in a few milliseconds. */
const MOST_TEXTS = 500

/** Texts that are listed beside the selected one. */
const NEAREST = 6

/** What stands where the text of a dot will. */
const HINT = 'Point at a dot, or use the arrow keys; Enter selects.'

/** Draws texts as dots. */
class MapPanel {
  readonly #root: HTMLElement
  readonly #page: Playground
  readonly #texts: HTMLTextAreaElement
  readonly #message: MessageLine
  readonly #scatter: Scatter
  readonly #drawNewest = latest((signal: AbortSignal) => this.#draw(signal))
  #drawn: { readonly texts: readonly GroupedText[]; readonly embeddings: Embeddings } | undefined

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#texts = find(root, '#map-texts', HTMLTextAreaElement)
    this.#texts.value = sample.replaceAll(/\n{2,}/g, '\n').trim()
    this.#message = new MessageLine(this.#part('message'), find(root, '[data-part=progress]', HTMLProgressElement))
    this.#scatter = new Scatter(this.#part('frame'), {
      onHover: (index) => {
        this.#hover(index)
      },
      onSelect: (index) => void this.#select(index),
    })
    this.#part('draw').addEventListener('click', () => void this.#update())
    page.session.subscribe(({ kind }) => {
      if (kind === 'ready') void this.#update()
    })
    if (page.session.state.kind !== 'ready') this.#message.say('Waiting for the model')
  }

  async #update(): Promise<void> {
    markStale(this.#part('map'), true)
    try {
      await this.#drawNewest()
    } catch (error) {
      this.#clear()
      this.#message.fail(error)
    }
  }

  async #draw(signal: AbortSignal): Promise<void> {
    const all = readGroupedTexts(this.#texts.value)
    const texts = all.slice(0, MOST_TEXTS)
    if (texts.length < 2) {
      this.#clear()
      this.#message.say('A map needs two texts or more')
      return
    }
    this.#message.say(`Encoding ${texts.length} texts`, 0)
    const embedder = await this.#page.session.embedder()
    const embeddings = await embedder.encodeDocument(
      texts.map(({ text }) => text),
      {
        signal,
        onProgress: ({ fraction }) => {
          this.#message.say(`Encoding ${texts.length} texts`, fraction)
        },
      },
    )
    const points = await project(embeddings)
    signal.throwIfAborted()
    const colours = groupColours(texts.map(({ group }) => group))
    this.#drawn = { texts, embeddings }
    this.#scatter.show(
      points,
      texts.map(({ text, group }) => ({ text, group, colour: colours.get(group) ?? '' })),
    )
    this.#showLegend(colours)
    this.#selectNothing()
    markStale(this.#part('map'), false)
    const more = all.length > MOST_TEXTS ? `; the first ${MOST_TEXTS} of ${all.length} are drawn` : ''
    this.#message.say(`${texts.length} texts${more}`)
    this.#page.announce(`A map of ${texts.length} texts`)
  }

  /** Shows no map: dots of other texts would be wrong. */
  #clear(): void {
    this.#drawn = undefined
    this.#scatter.show(new Float32Array(), [])
    this.#showLegend(new Map())
    this.#selectNothing()
    markStale(this.#part('map'), false)
  }

  #selectNothing(): void {
    this.#part('nearest').replaceChildren()
    this.#part('selected').textContent = 'Nothing is selected'
    this.#part('hover').textContent = HINT
  }

  #showLegend(colours: ReadonlyMap<string, string>): void {
    const named = [...colours].filter(([group]) => group !== '')
    this.#part('legend').replaceChildren(
      ...named.map(([group, colour]) => create('li', { style: `--group: ${colour}` }, [group])),
    )
  }

  #hover(index: number): void {
    const text = this.#drawn?.texts[index]
    if (text !== undefined)
      this.#part('hover').textContent = text.group === '' ? text.text : `${text.group}: ${text.text}`
  }

  async #select(index: number): Promise<void> {
    const drawn = this.#drawn
    if (drawn === undefined) return
    const { texts, embeddings } = drawn
    // The click has focused a dot, which makes the browser lay the page out.
    await nextTask()
    const query = { data: embeddings.row(index), count: 1, dim: embeddings.dim }
    const [found = []] = await semanticSearch(query, embeddings, { topK: NEAREST + 1 })
    if (drawn !== this.#drawn) return
    const nearest = found.filter(({ corpusId }) => corpusId !== index).slice(0, NEAREST)
    this.#scatter.select(
      index,
      nearest.map(({ corpusId }) => corpusId),
    )
    this.#part('selected').textContent = texts[index]?.text ?? ''
    this.#part('nearest').replaceChildren(
      ...nearest.map(({ corpusId, score }) =>
        create('li', {}, [
          create('span', {}, [fixedNumber(score, 2)]),
          create('span', { class: 'clamp', title: texts[corpusId]?.text }, [texts[corpusId]?.text ?? '']),
        ]),
      ),
    )
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

/** Draws texts of one's own as dots: near ones mean alike. */
export const mount: MountPanel = (root, page) => {
  new MapPanel(root, page)
}
