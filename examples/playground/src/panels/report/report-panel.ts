import { download } from '../../dom/download.js'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import { collectReport, type PageReport } from './collect-report.js'
import { measureAll } from './memory.js'
import { reportCards } from './report-cards.js'
import './report.css'
import markup from './report.html?raw'

/** Shows the report of the page's model. */
class ReportPanel {
  readonly #root: HTMLElement
  readonly #page: Playground
  readonly #message: MessageLine
  #shown: PageReport | undefined
  #json = ''

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#message = new MessageLine(this.#part('message'))
    this.#part('refresh').addEventListener('click', () => void this.#refresh())
    this.#part('copy').addEventListener('click', () => void this.#copy())
    this.#part('save').addEventListener('click', () => {
      download('nestling-report.json', this.#json, 'application/json')
    })
    page.session.subscribe(({ kind }) => {
      if (kind === 'ready') void this.#refresh()
    })
    if (page.session.state.kind !== 'ready') this.#message.say('Waiting for the model')
  }

  async #refresh(): Promise<void> {
    try {
      const report = await collectReport(await this.#page.session.embedder())
      this.#show(report)
      this.#message.say(`As of ${new Date().toLocaleTimeString()}`)
      const memory = await measureAll()
      if (memory !== undefined && this.#shown === report) this.#show({ ...report, memory })
    } catch (error) {
      this.#message.fail(error)
    }
  }

  #show(report: PageReport): void {
    this.#shown = report
    this.#json = JSON.stringify(report, undefined, 2)
    this.#part('json').textContent = this.#json
    this.#part('facts').replaceChildren(...reportCards(report))
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#json)
      this.#message.say('Copied')
    } catch {
      // Without permission for the clipboard it can still be copied by hand.
      find(this.#root, 'details', HTMLDetailsElement).open = true
      getSelection()?.selectAllChildren(this.#part('json'))
      this.#message.say('The clipboard is closed to this page: the report is selected, copy it by hand')
    }
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

/** Shows what runs here and why. */
export const mount: MountPanel = (root, page) => {
  new ReportPanel(root, page)
}
