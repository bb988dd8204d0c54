import { tokenizeAll } from '../encode/tokenize-all.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type {
  EncodeRequest,
  EncodeResult,
  HostApi,
  HostEvent,
  LoadedModel,
  LoadRequest,
  Tokens,
} from '../wire/protocol.js'
import { loadModel } from './load-model.js'
import { LOAD_PARTS, type LoadParts } from './load-parts.js'
import { loadOnnxFolder } from './load-onnx-folder.js'
import { LoadProgress } from './load-progress.js'
import type { RunningModel } from './running-model.js'
import { nextTask } from '../wire/next-task.js'

/**
 * Hosts one model. It knows nothing of workers: the worker's entry exposes it, tests call it directly.
 *
 * Work is done one call after another in the order of the calls; a call that fails does not touch the next.
 */
export class Host implements HostApi {
  #model: RunningModel | undefined
  #onEvent: (event: HostEvent) => void = () => undefined
  #last: Promise<unknown> = Promise.resolve()
  readonly #cancelled = new Set<number>()
  readonly #loadParts: LoadParts

  /**
   * Starts without a model.
   *
   * @param loadParts - Parts of a load that tests replace.
   */
  constructor(loadParts: Partial<LoadParts> = {}) {
    this.#loadParts = { ...LOAD_PARTS, ...loadParts }
  }

  /** {@inheritDoc HostApi.load} */
  async load(request: LoadRequest, onEvent: (event: HostEvent) => void): Promise<LoadedModel> {
    this.#onEvent = onEvent
    const progress = new LoadProgress((event) => {
      onEvent({ kind: 'load', progress: event })
    })
    const loadFolder = request.engine === 'transformers' ? loadOnnxFolder : loadModel
    this.#model = await loadFolder(request, progress, this.#loadParts)
    progress.begin('ready')
    return this.#model.loaded
  }

  /** {@inheritDoc HostApi.encode} */
  encode(request: EncodeRequest): Promise<EncodeResult> {
    const { id } = request
    const run = (): Promise<EncodeResult> =>
      this.#running().encoder.encode(request, {
        pause: () => this.#pause(id),
        onDone: (done) => {
          this.#onEvent({ kind: 'encode', id, done })
        },
      })
    return this.#inTurn(run).finally(() => this.#cancelled.delete(id))
  }

  /** {@inheritDoc HostApi.cancel} */
  cancel(id: number): void {
    this.#cancelled.add(id)
  }

  /** {@inheritDoc HostApi.tokenize} */
  async tokenize(texts: readonly string[], prompt: string): Promise<Tokens> {
    const { tokenizer, loaded } = this.#running()
    const encodings = await tokenizeAll(tokenizer, texts, prompt, nextTask)
    return {
      ids: encodings.map(({ ids }) => ids),
      truncated: encodings.map(({ tokenCount }) => tokenCount > loaded.maxSeqLength),
    }
  }

  /** {@inheritDoc HostApi.countTokens} */
  async countTokens(texts: readonly string[]): Promise<Int32Array<ArrayBuffer>> {
    const encodings = await tokenizeAll(this.#running().tokenizer, texts, '', nextTask)
    return Int32Array.from(encodings, ({ tokenCount }) => tokenCount)
  }

  /** {@inheritDoc HostApi.dispose} */
  async dispose(): Promise<void> {
    const model = this.#model
    this.#model = undefined
    await model?.engine.dispose()
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run)
    this.#last = result.catch(() => undefined)
    return result
  }

  async #pause(id: number): Promise<void> {
    await nextTask()
    if (this.#cancelled.has(id)) throw new Error('Cancelled by the page')
  }

  #running(): RunningModel {
    if (this.#model !== undefined) return this.#model
    throw new EmbedderError('disposed', 'Cannot encode as no model is loaded: load one, or do not call after dispose()')
  }
}
