import type { LoadOptions, ModelSource } from 'nestling'
import { acceptDrops } from '../../dom/drop-zone.js'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import { DEFAULT_MODEL } from '../../model/default-model.js'
import type { ModelChoice } from '../../model/model-session.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import { bytesInWords } from '../../text/bytes.js'
import { CacheList } from './cache-list.js'
import { droppedFolder, type DroppedFolder } from './dropped-folder.js'
import { hubWeightBytes } from './hub-size.js'
import './models.css'
import markup from './models.html?raw'
import { planInWords } from './plan-in-words.js'

/** Chooses the page's model, and shows what is kept. */
class ModelsPanel {
  readonly #root: HTMLElement
  readonly #page: Playground
  readonly #message: MessageLine
  readonly #cache: CacheList
  #folder: DroppedFolder | undefined
  /** The question whose answer is awaited or shown; another one has taken its place otherwise. */
  #hubSizeOf: object | undefined

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#message = new MessageLine(this.#part('message'))
    this.#cache = new CacheList(root, this.#message)
    this.#listen()
    page.session.subscribe(({ kind }) => {
      if (kind !== 'ready' && kind !== 'idle') return
      void this.#cache.refresh()
      void this.#planDefault()
    })
    void this.#cache.refresh()
    void this.#planDefault()
  }

  #listen(): void {
    this.#part('default-load').addEventListener('click', () => void this.#load(DEFAULT_MODEL))
    for (const input of this.#root.querySelectorAll('[data-part=hub-form] input')) {
      input.addEventListener('input', () => {
        // A size that stays would be that of another model.
        this.#hubSizeOf = undefined
        this.#part('hub-plan').textContent = ''
      })
    }
    this.#part('hub-size').addEventListener('click', () => void this.#showHubSize())
    this.#part('hub-form').addEventListener('submit', (event) => {
      event.preventDefault()
      const { id, options } = this.#readHub()
      void this.#load({ label: id, source: () => id, options })
    })
    const input = find(this.#root, '[data-part=folder]', HTMLInputElement)
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])]
      const name = files[0]?.webkitRelativePath.split('/')[0] ?? 'folder'
      if (files.length > 0) void this.#takeFolder(Promise.resolve({ name, source: files }))
    })
    acceptDrops(this.#part('drop'), (dropped) => void this.#takeFolder(droppedFolder(dropped)))
    this.#part('folder-load').addEventListener('click', () => {
      const folder = this.#folder
      if (folder !== undefined) void this.#load({ label: folder.name, source: () => folder.source })
    })
  }

  async #load(choice: ModelChoice): Promise<void> {
    this.#message.say(`Loading ${choice.label}`)
    try {
      const embedder = await this.#page.session.load(choice)
      const { dim, maxSeqLength, report } = embedder
      const check = report.verified ? 'its vectors were verified' : 'its vectors were not verified'
      this.#message.say(`${choice.label} is ready: ${dim} components, ${maxSeqLength} tokens; ${check}`)
    } catch (error) {
      this.#message.fail(error)
    }
  }

  async #planDefault(): Promise<void> {
    await this.#plan('default-plan', await DEFAULT_MODEL.source())
  }

  async #plan(part: string, source: ModelSource, options: LoadOptions = {}, size = ''): Promise<void> {
    const line = this.#part(part)
    try {
      line.textContent = `${size}${await planInWords(source, { ...this.#page.session.loadOptions, ...options })}`
    } catch (error) {
      line.textContent = error instanceof Error ? error.message : String(error)
    }
  }

  async #showHubSize(): Promise<void> {
    const { id, options } = this.#readHub()
    const form = find(this.#root, '[data-part=hub-form]', HTMLFormElement)
    if (!form.reportValidity()) return
    const asked = {}
    this.#hubSizeOf = asked
    this.#message.say('')
    this.#part('hub-plan').textContent = 'Asking for the size'
    let size = ''
    try {
      const repository = {
        id,
        revision: options.revision,
        endpoint: options.endpoint?.toString(),
        token: options.token,
      }
      size = `Weights: ${bytesInWords(await hubWeightBytes(repository))}. `
    } catch (error) {
      if (this.#hubSizeOf === asked) this.#message.fail(error)
    }
    // What is kept here is known without the hub.
    if (this.#hubSizeOf === asked) await this.#plan('hub-plan', id, options, size)
  }

  async #takeFolder(found: Promise<DroppedFolder | undefined>): Promise<void> {
    this.#folder = await found
    find(this.#root, '[data-part=folder-load]', HTMLButtonElement).disabled = this.#folder === undefined
    if (this.#folder === undefined) this.#part('folder-plan').textContent = 'Drop a folder, not a file.'
    else await this.#plan('folder-plan', this.#folder.source, {}, `${this.#folder.name}. `)
  }

  #readHub(): { readonly id: string; readonly options: Pick<LoadOptions, 'revision' | 'token' | 'endpoint'> } {
    const read = (name: string): string | undefined =>
      find(this.#root, `#hub-${name}`, HTMLInputElement).value.trim() || undefined
    return {
      id: read('id') ?? '',
      options: { revision: read('revision'), endpoint: read('endpoint'), token: read('token') },
    }
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

/** Chooses a model, and shows which are kept in this browser. */
export const mount: MountPanel = (root, page) => {
  new ModelsPanel(root, page)
}
