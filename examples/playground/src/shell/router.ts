import { PANELS, type PanelEntry } from './panels.js'
import type { Playground } from './playground.js'

/** The next frame is drawn by then. */
const FRAME_MS = 50

/** Shows the panel that the address names, `#/search` for example, and keeps those that were shown. */
export class Router {
  readonly #main: HTMLElement
  readonly #page: Playground
  readonly #mounted = new Map<string, HTMLElement>()

  /**
   * Prepares an empty page.
   *
   * @param main - Where panels go.
   * @param page - What they share.
   */
  constructor(main: HTMLElement, page: Playground) {
    this.#main = main
    this.#page = page
  }

  /** Shows the panel of the address, now and whenever it changes. */
  start(): void {
    addEventListener('hashchange', () => {
      void this.#show(entryOf(location.hash), true)
    })
    void this.#show(entryOf(location.hash), false)
  }

  async #show(entry: PanelEntry, isMove: boolean): Promise<void> {
    document.title = `${entry.title} – nestling playground`
    for (const link of document.querySelectorAll('nav.panels a')) {
      const isCurrent = link.getAttribute('href') === `#/${entry.id}`
      if (isCurrent) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    const panel = this.#mounted.get(entry.id) ?? (await this.#mount(entry))
    if (entryOf(location.hash) !== entry) return
    for (const other of this.#mounted.values()) other.hidden = other !== panel
    document.documentElement.dataset['panel'] = entry.id
    // Before the next frame is laid out, this would lay it out in the same task.
    setTimeout(() => {
      this.#arrive(isMove)
    }, FRAME_MS)
  }

  #arrive(isMove: boolean): void {
    document.querySelector('nav.panels [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    if (isMove) scrollTo({ top: 0 })
    // Reading goes on there with the keyboard and a screen reader, unless somebody was faster.
    const isFree = document.activeElement === document.body || document.activeElement?.closest('nav') !== null
    if (isMove && isFree) this.#main.focus({ preventScroll: true })
  }

  async #mount(entry: PanelEntry): Promise<HTMLElement> {
    const { mount } = await entry.load()
    const known = this.#mounted.get(entry.id)
    if (known !== undefined) return known
    const panel = document.createElement('section')
    panel.className = 'panel'
    panel.id = `panel-${entry.id}`
    panel.hidden = true
    panel.setAttribute('aria-labelledby', `heading-${entry.id}`)
    this.#mounted.set(entry.id, panel)
    mount(panel, this.#page)
    this.#main.append(panel)
    return panel
  }
}

function entryOf(hash: string): PanelEntry {
  return PANELS.find(({ id }) => hash === `#/${id}`) ?? PANELS[0]
}
