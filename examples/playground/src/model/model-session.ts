import type { Embedder, LoadOptions, ModelSource, ProgressEvent } from 'nestling'
import type { RequestedDevice } from './requested-device.js'

/** A model to load. */
export interface ModelChoice {
  /** What people call it. */
  readonly label: string
  /** Finds it; its code is only fetched then. */
  readonly source: () => ModelSource | Promise<ModelSource>
  readonly options?: Pick<LoadOptions, 'revision' | 'token' | 'endpoint'>
}

/** What the page's model is doing. */
export type SessionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly choice: ModelChoice; readonly progress: ProgressEvent | undefined }
  | { readonly kind: 'ready'; readonly choice: ModelChoice; readonly embedder: Embedder }
  | { readonly kind: 'failed'; readonly choice: ModelChoice; readonly error: unknown }

/** Told of every change. */
export type SessionListener = (state: SessionState) => void

/** A model that can be used. */
type ReadyState = Extract<SessionState, { readonly kind: 'ready' }>

/** Owns the one model of the page. Another one that is ready ends the one before; one that cannot be loaded leaves it. */
export class ModelSession {
  readonly #device: RequestedDevice
  readonly #listeners = new Set<SessionListener>()
  #ready: ReadyState | undefined
  #state: SessionState = { kind: 'idle' }
  #current: Promise<Embedder> | undefined
  #loading = new AbortController()

  /**
   * Starts without a model.
   *
   * @param device - Where models run.
   */
  constructor(device: RequestedDevice) {
    this.#device = device
  }

  /** What it is doing. */
  get state(): SessionState {
    return this.#state
  }

  /** Options that every load of the page has. */
  get loadOptions(): Pick<LoadOptions, 'device' | 'cache'> {
    return { device: this.#device, cache: { embeddings: true } }
  }

  /**
   * Listens from now on, and tells of the state at once.
   *
   * @param listener - Told of every change.
   */
  subscribe(listener: SessionListener): void {
    this.#listeners.add(listener)
    listener(this.#state)
  }

  /**
   * Waits for a model.
   *
   * @returns The newest one that was asked for.
   * @throws {unknown} What its load rejected with.
   */
  async embedder(): Promise<Embedder> {
    for (;;) {
      const current = this.#current
      if (current === undefined) {
        await this.#change()
        continue
      }
      try {
        const embedder = await current
        if (current === this.#current) return embedder
      } catch (error) {
        // One that was replaced meanwhile does not matter.
        if (current === this.#current) throw error
      }
    }
  }

  /**
   * Loads a model in the place of the one that is there, which stays until it is ready.
   *
   * @returns When it is ready.
   * @throws {unknown} What `load` rejects with.
   */
  load(choice: ModelChoice): Promise<Embedder> {
    this.#loading.abort(new DOMException('Another model was chosen', 'AbortError'))
    this.#loading = new AbortController()
    const loading = this.#load(choice, this.#loading.signal)
    this.#current = loading
    loading.then(
      (embedder) => {
        if (loading !== this.#current) void embedder.dispose()
        else this.#use({ kind: 'ready', choice, embedder })
      },
      (error: unknown) => {
        if (loading === this.#current) this.#fail(choice, error)
      },
    )
    return loading
  }

  #use(ready: ReadyState): void {
    void this.#ready?.embedder.dispose()
    this.#ready = ready
    this.#tell(ready)
  }

  #fail(choice: ModelChoice, error: unknown): void {
    this.#tell({ kind: 'failed', choice, error })
    if (this.#ready === undefined) return
    this.#current = Promise.resolve(this.#ready.embedder)
    this.#tell(this.#ready)
  }

  async #load(choice: ModelChoice, signal: AbortSignal): Promise<Embedder> {
    this.#tell({ kind: 'loading', choice, progress: undefined })
    const [{ load }, source] = await Promise.all([import('nestling'), choice.source()])
    return load(source, {
      ...this.loadOptions,
      ...choice.options,
      signal,
      onProgress: (progress) => {
        if (!signal.aborted) this.#tell({ kind: 'loading', choice, progress })
      },
    })
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const listener = (): void => {
        this.#listeners.delete(listener)
        resolve()
      }
      this.#listeners.add(listener)
    })
  }

  #tell(state: SessionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }
}
