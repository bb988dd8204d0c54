import { chunkAll } from '../encode/chunk-all.js'
import { tokenizeAll } from '../encode/tokenize-all.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type {
  ChunkRequest,
  Chunks,
  EncodeRequest,
  EncodeResult,
  HostApi,
  HostEvent,
  LoadedModel,
  LoadRequest,
  Tokens,
} from '../wire/protocol.js'
import { loadModel } from './load-model.js'
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

  /** {@inheritDoc HostApi.load} */
  async load(request: LoadRequest, onEvent: (event: HostEvent) => void): Promise<LoadedModel> {
    this.#onEvent = onEvent
    const progress = new LoadProgress((event) => {
      onEvent({ kind: 'load', progress: event })
    })
    this.#model = await (request.engine === 'transformers' ? loadOnnxFolder : loadModel)(request, progress)
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

  /** {@inheritDoc HostApi.chunk} */
  async chunk({ id, texts, ...options }: ChunkRequest): Promise<Chunks> {
    try {
      const chunks = await chunkAll(this.#running().tokenizer, texts, options, () => this.#pause(id))
      const spans = chunks.flat().flatMap(({ start, end, tokenCount }) => [start, end, tokenCount])
      return { counts: Int32Array.from(chunks, ({ length }) => length), spans: Int32Array.from(spans) }
    } finally {
      this.#cancelled.delete(id)
    }
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
