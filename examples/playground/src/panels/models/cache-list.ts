import { modelCache, type CachedModel } from 'nestling'
import { ask } from '../../dom/ask.js'
import { create, createButton } from '../../dom/create.js'
import { download } from '../../dom/download.js'
import { find } from '../../dom/find.js'
import type { MessageLine } from '../../dom/message-line.js'
import { bytesInWords } from '../../text/bytes.js'

/** Lists stored models, and deletes, verifies, exports and imports them. */
export class CacheList {
  readonly #body: HTMLElement
  readonly #usage: HTMLElement
  readonly #message: MessageLine
  readonly #states = new Map<string, string>()

  /**
   * Takes the list of the panel.
   *
   * @param message - Says what is going on.
   */
  constructor(root: HTMLElement, message: MessageLine) {
    this.#body = find(root, '[data-part=cache]', HTMLElement)
    this.#usage = find(root, '[data-part=usage]', HTMLElement)
    this.#message = message
    const file = find(root, '[data-part=import]', HTMLInputElement)
    file.addEventListener('change', () => {
      const [chosen] = file.files ?? []
      if (chosen !== undefined) void this.#run('Importing', () => this.#import(chosen))
      file.value = ''
    })
  }

  /**
   * Reads the list again.
   *
   * @returns When it is shown.
   */
  async refresh(): Promise<void> {
    try {
      const models = await modelCache.list()
      const focused = this.#body.contains(document.activeElement) ? document.activeElement : null
      const label = focused?.getAttribute('aria-label')
      const empty = create('li', { class: 'quiet' }, ['No model is kept yet'])
      this.#body.replaceChildren(...(models.length === 0 ? [empty] : models.map((model) => this.#item(model))))
      // What had the focus was replaced; where it is gone with its model, reading goes on at the list.
      if (focused !== null) (this.#buttonOf(label) ?? this.#body).focus()
      const bytes = models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const { usage, quota } = await navigator.storage.estimate()
      const origin =
        usage === undefined || quota === undefined
          ? ''
          : `; this origin takes ${bytesInWords(usage)} of ${bytesInWords(quota)}`
      this.#usage.textContent = `${bytesInWords(bytes)} in ${models.length} ${models.length === 1 ? 'model' : 'models'}${origin}`
    } catch (error) {
      this.#message.fail(error)
    }
  }

  #buttonOf(label: string | null | undefined): HTMLElement | undefined {
    return [...this.#body.querySelectorAll('button')].find((button) => button.getAttribute('aria-label') === label)
  }

  #item(model: CachedModel): HTMLLIElement {
    const { key, name, isComplete, sizeBytes, storedAt } = model
    const state = isComplete ? (this.#states.get(key) ?? 'whole') : 'broken off'
    const act = (label: string, doing: string, work: () => Promise<string | undefined>): HTMLButtonElement =>
      createButton(label, () => void this.#run(`${doing} ${name}`, work), {
        class: 'small',
        'aria-label': `${label} ${name}`,
        disabled: label === 'Export' && !isComplete,
      })
    const buttons = create('div', { class: 'row' }, [
      act('Verify', 'Verifying', () => this.#verify(model)),
      act('Export', 'Exporting', () => this.#export(model)),
      act('Delete', 'Deleting', () => this.#delete(model)),
    ])
    const facts = [bytesInWords(sizeBytes), `stored ${new Date(storedAt).toLocaleDateString()}`, state]
    const words = create('div', {}, [create('p', {}, [name]), create('p', { class: 'quiet' }, [facts.join(' · ')])])
    return create('li', { 'data-key': key }, [words, buttons])
  }

  async #verify({ key, name }: CachedModel): Promise<string> {
    const { isOk, models } = await modelCache.verify(key)
    const wrong = models.flatMap(({ wrongFiles }) => wrongFiles)
    this.#states.set(key, isOk ? 'whole, verified' : `damaged: ${wrong.join(', ')}`)
    return isOk ? `Every byte of ${name} is as it was stored` : `${name} is damaged: ${wrong.join(', ')}`
  }

  async #export({ key, name }: CachedModel): Promise<string> {
    const file = await modelCache.export(key)
    download(`${name.replaceAll(/[^\w.-]+/g, '-').replace(/^-+/, '')}.nestling`, file)
    return `${name} was exported: ${bytesInWords(file.size)}`
  }

  async #delete({ key, name, sizeBytes }: CachedModel): Promise<string | undefined> {
    const isWanted = await ask({
      title: `Delete ${name}?`,
      text: `Its ${bytesInWords(sizeBytes)} are removed from this browser. The next visit that needs the model downloads it again.`,
      action: 'Delete',
    })
    if (!isWanted) return undefined
    this.#states.delete(key)
    await modelCache.delete(key)
    return `${name} was deleted; while it is loaded it goes on`
  }

  async #import(file: File): Promise<string> {
    const { name, sizeBytes } = await modelCache.import(file)
    return `${name} was imported: ${bytesInWords(sizeBytes)}`
  }

  async #run(doing: string, work: () => Promise<string | undefined>): Promise<void> {
    this.#message.say(doing)
    try {
      const done = await work()
      if (done !== undefined) await this.refresh()
      this.#message.say(done ?? '')
    } catch (error) {
      this.#message.fail(error)
    }
  }
}
