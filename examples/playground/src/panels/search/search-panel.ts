import { latest } from 'nestling'
import { acceptDrops } from '../../dom/drop-zone.js'
import { find } from '../../dom/find.js'
import { MessageLine } from '../../dom/message-line.js'
import type { MountPanel, Playground } from '../../shell/playground.js'
import { splitPassages } from '../../text/passages.js'
import sample from '../../text/sample.md?raw'
import { bestSentences } from './best-sentence.js'
import { showHits } from './hit-list.js'
import { PassageIndex, type FoundPassages } from './passage-index.js'
import './search.css'
import markup from './search.html?raw'
import { readTextFile, type TextFile } from './text-files.js'

/** What the text of the box is called in hits. */
const BOX_NAME = 'pasted'

/** Indexes what the visitor gives, and searches it as they type. */
class SearchPanel {
  readonly #root: HTMLElement
  readonly #page: Playground
  readonly #text: HTMLTextAreaElement
  readonly #query: HTMLInputElement
  readonly #message: MessageLine
  readonly #timing: MessageLine
  readonly #searchNewest = latest((signal: AbortSignal, query: string) => this.#search(signal, query))
  #files: readonly TextFile[] = []
  #index: PassageIndex | undefined
  #indexing: AbortController | undefined

  constructor(root: HTMLElement, page: Playground) {
    root.innerHTML = markup
    this.#root = root
    this.#page = page
    this.#text = find(root, '#search-text', HTMLTextAreaElement)
    this.#text.value = sample
    this.#query = find(root, '#search-query', HTMLInputElement)
    const bar = find(root, '[data-part=progress]', HTMLProgressElement)
    this.#message = new MessageLine(this.#part('message'), bar)
    this.#timing = new MessageLine(this.#part('timing'))
    this.#listen()
    page.session.subscribe(({ kind }) => {
      if (kind === 'loading') void this.#drop('The model was changed: index again')
    })
    this.#message.say('The sample is ready to be indexed')
  }

  #listen(): void {
    const files = find(this.#root, '[data-part=files]', HTMLInputElement)
    files.addEventListener('change', () => void this.#read([...(files.files ?? [])]))
    acceptDrops(this.#part('drop'), (dropped) => void this.#read([...dropped.files]))
    this.#part('index').addEventListener('click', () => void this.#build())
    this.#part('clear').addEventListener('click', () => {
      files.value = ''
      this.#setFiles([])
    })
    this.#query.addEventListener('input', () => void this.#run())
    for (const name of ['hybrid', 'funnel']) this.#part(name).addEventListener('change', () => void this.#run())
    this.#part('form').addEventListener('submit', (event) => {
      event.preventDefault()
    })
  }

  async #read(files: readonly File[]): Promise<void> {
    this.#message.say('Press Index to make the files searchable')
    for (const file of files) {
      try {
        const read = await readTextFile(file)
        this.#setFiles([...this.#files, read])
      } catch (error) {
        // The others are read all the same.
        this.#message.fail(error)
      }
    }
  }

  #setFiles(files: readonly TextFile[]): void {
    this.#files = files
    const names = files.map(({ name, passages }) => `${name} (${passages.length})`)
    this.#part('sources').textContent = names.length === 0 ? 'No files' : names.join(', ')
  }

  async #build(): Promise<void> {
    this.#indexing?.abort(new DOMException('Indexed anew', 'AbortError'))
    const indexing = new AbortController()
    this.#indexing = indexing
    const { signal } = indexing
    try {
      const pasted = await splitPassages(this.#text.value, BOX_NAME)
      const passages = [...pasted, ...this.#files.flatMap((file) => file.passages)]
      if (passages.length === 0) {
        this.#message.say('There is nothing to index')
        return
      }
      this.#message.say('Waiting for the model', 0)
      const embedder = await this.#page.session.embedder()
      const start = performance.now()
      const index = await PassageIndex.of(embedder, passages, {
        signal,
        onProgress: (done) => {
          this.#message.say(`Indexing: ${done} of ${passages.length} paragraphs`, done / passages.length)
        },
      })
      await this.#index?.dispose()
      this.#index = index
      const took = ((performance.now() - start) / 1000).toFixed(1)
      this.#message.say(`${passages.length} paragraphs indexed in ${took} s`)
      this.#page.announce(`${passages.length} paragraphs indexed`)
      await this.#run()
    } catch (error) {
      if (this.#indexing === indexing) this.#message.fail(error)
    }
  }

  async #run(): Promise<void> {
    const query = this.#query.value.trim()
    try {
      if (query !== '' && this.#index === undefined) this.#timing.say('Index the text first')
      await this.#searchNewest(query)
    } catch (error) {
      this.#timing.fail(error)
    }
  }

  async #search(signal: AbortSignal, query: string): Promise<void> {
    const index = this.#index
    if (index === undefined) return
    if (query === '') {
      showHits(this.#part('hits'), [], { query })
      this.#timing.say('')
      return
    }
    const [isHybrid, isFunnel] = ['hybrid', 'funnel'].map(
      (name) => find(this.#root, `[data-part=${name}]`, HTMLInputElement).checked,
    )
    const found = await index.search(query, { isHybrid: isHybrid ?? false, isFunnel: isFunnel ?? false, signal })
    signal.throwIfAborted()
    this.#show(query, found, index.count)
    const texts = found.hits.map(({ passage }) => passage?.text ?? '')
    const best = await bestSentences(index.embedder, found.query, { texts, signal })
    signal.throwIfAborted()
    showHits(this.#part('hits'), found.hits, { query, best })
  }

  #show(query: string, { hits, encodeMs, searchMs }: FoundPassages, count: number): void {
    showHits(this.#part('hits'), hits, { query })
    this.#timing.say(
      `${(encodeMs + searchMs).toFixed(1)} ms: ${encodeMs.toFixed(1)} to encode, ${searchMs.toFixed(1)} to search ${count} paragraphs`,
    )
    this.#root.dataset['query'] = query
  }

  async #drop(reason: string): Promise<void> {
    const index = this.#index
    this.#index = undefined
    if (index === undefined) return
    this.#message.say(reason)
    showHits(this.#part('hits'), [], { query: '' })
    this.#timing.say('')
    await index.dispose()
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

/** Searches texts and Markdown files of one's own. */
export const mount: MountPanel = (root, page) => {
  new SearchPanel(root, page)
}
