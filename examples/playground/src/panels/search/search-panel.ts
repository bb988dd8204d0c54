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

/** What is said where hits will be. */
const WAITING = 'Results come as soon as the text is indexed'

/** What is said when what is there is not what was indexed. */
const OUTDATED = 'The text or the files have changed: press Index'

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
      // Vectors of another model do not fit: what is there is indexed anew, the sample to begin with.
      if (kind === 'loading') void this.#drop('The model is being changed')
      if (kind === 'ready') void this.#build()
    })
    if (page.session.state.kind !== 'ready') this.#message.say('Waiting for the model')
  }

  #listen(): void {
    const files = find(this.#root, '[data-part=files]', HTMLInputElement)
    files.addEventListener('change', () => void this.#read([...(files.files ?? [])]))
    acceptDrops(this.#part('drop'), (dropped) => void this.#read([...dropped.files]))
    this.#part('index').addEventListener('click', () => void this.#build())
    this.#part('clear').addEventListener('click', () => {
      files.value = ''
      this.#setFiles([])
      void this.#drop(OUTDATED)
    })
    this.#text.addEventListener('input', () => void this.#drop(OUTDATED))
    this.#query.addEventListener('input', () => void this.#run())
    for (const name of ['hybrid', 'funnel']) this.#part(name).addEventListener('change', () => void this.#run())
    this.#part('form').addEventListener('submit', (event) => {
      event.preventDefault()
    })
  }

  async #read(files: readonly File[]): Promise<void> {
    void this.#drop(OUTDATED)
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
    // Nothing is found in the old text while the new one is indexed.
    void this.#drop('Reading the text')
    const indexing = new AbortController()
    this.#indexing = indexing
    const { signal } = indexing
    try {
      const pasted = await splitPassages(this.#text.value, BOX_NAME)
      signal.throwIfAborted()
      const passages = [...pasted, ...this.#files.flatMap((file) => file.passages)]
      if (passages.length === 0) {
        this.#message.say('There is nothing to index: write or paste a text, or choose files')
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
      if (signal.aborted) {
        await index.dispose()
        return
      }
      this.#index = index
      const took = ((performance.now() - start) / 1000).toFixed(1)
      this.#message.say(`${passages.length} paragraphs indexed in ${took} s`)
      this.#page.announce(`${passages.length} paragraphs indexed`)
      await this.#run()
    } catch (error) {
      // What has ended it says what comes instead.
      if (!signal.aborted) this.#message.fail(error)
    }
  }

  async #run(): Promise<void> {
    const query = this.#query.value.trim()
    const index = this.#index
    try {
      if (index === undefined) this.#timing.say(query === '' ? '' : WAITING)
      await this.#searchNewest(query)
    } catch (error) {
      // The search of an index that is gone fails, and nobody waits for it.
      if (index !== this.#index) return
      showHits(this.#part('hits'), [], { query })
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
    if (index !== this.#index) return
    this.#show(query, found, index.count)
    const texts = found.hits.map(({ passage }) => passage?.text ?? '')
    const best = await bestSentences(index.embedder, found.query, { texts, signal })
    signal.throwIfAborted()
    if (index === this.#index) showHits(this.#part('hits'), found.hits, { query, best })
  }

  #show(query: string, { hits, encodeMs, searchMs }: FoundPassages, count: number): void {
    showHits(this.#part('hits'), hits, { query })
    this.#timing.say(
      `${(encodeMs + searchMs).toFixed(1)} ms: ${encodeMs.toFixed(1)} to encode, ${searchMs.toFixed(1)} to search ${count} paragraphs`,
    )
    this.#root.dataset['query'] = query
  }

  /** Takes the index away, and all that was found in it. */
  async #drop(reason: string): Promise<void> {
    this.#indexing?.abort(new DOMException(reason, 'AbortError'))
    const index = this.#index
    this.#index = undefined
    this.#message.say(reason)
    showHits(this.#part('hits'), [], { query: '' })
    this.#timing.say(this.#query.value.trim() === '' ? '' : WAITING)
    await index?.dispose()
  }

  #part(name: string): HTMLElement {
    return find(this.#root, `[data-part=${name}]`, HTMLElement)
  }
}

/** Searches texts and Markdown files of one's own. */
export const mount: MountPanel = (root, page) => {
  new SearchPanel(root, page)
}
