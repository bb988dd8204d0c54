import { checkOneOf } from '@nestling/kit/options/check-options'
import type { Embedder } from '../api/embedder.js'
import type { EncodeOptions } from '../api/options/encode-options.js'
import type { Embeddings } from '../math/embeddings.js'
import {
  TASK_TYPES,
  type SemanticEmbedder,
  type SemanticEmbedderEmbedOptions,
  type SemanticEmbedderResult,
  type SemanticEmbedderTaskType,
} from './semantic-embedder-shape.js'

/** Prompts that models have for a task, in lower case. */
const PROMPT_NAMES: Readonly<Record<string, readonly string[]>> = {
  'semantic-similarity': ['semantic-similarity', 'sts', 'similarity'],
  classification: ['classification'],
  clustering: ['clustering'],
}

/** What an embedder is made of. */
export interface OwnParts {
  readonly embedder: Embedder
  readonly embeddingSpace: string
  /** The signal of `create`, which ends the embedder too. */
  readonly signal: AbortSignal | undefined
}

/** An embedder of the proposed shape, on a model of ours. */
export class OwnSemanticEmbedder implements SemanticEmbedder {
  readonly #embedder: Embedder
  readonly #embeddingSpace: string
  readonly #ended = new AbortController()

  /**
   * Takes a model that is ready. Only `create` does.
   *
   * @param parts - The model and its space.
   * @throws {TypeError} If a page calls it: the proposed interface has no constructor.
   */
  constructor(parts: OwnParts) {
    if ((parts as OwnParts | undefined)?.embedder === undefined) {
      throw new TypeError(
        'Cannot construct a SemanticEmbedder as it has no constructor\nCall SemanticEmbedder.create()',
      )
    }
    const { embedder, embeddingSpace, signal } = parts
    this.#embedder = embedder
    this.#embeddingSpace = embeddingSpace
    const abort = (): void => {
      this.#end(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { signal: this.#ended.signal })
    if (signal?.aborted === true) abort()
  }

  /** {@inheritDoc SemanticEmbedder.embeddingSpace} */
  get embeddingSpace(): string {
    return this.#embeddingSpace
  }

  /** {@inheritDoc SemanticEmbedder.embed} */
  async embed(
    input: string | readonly string[],
    options?: SemanticEmbedderEmbedOptions,
  ): Promise<SemanticEmbedderResult> {
    const ended = this.#ended.signal
    const { taskType, signal } = dictionary('embed', options)
    ended.throwIfAborted()
    try {
      // As the browser's own does: a single text gives a list of one.
      const texts = typeof input === 'string' ? [input] : input
      return toResult(await encodeFor(this.#embedder, texts, { taskType, signal }), this.#embeddingSpace)
    } catch (error) {
      // Instead of what disposing of the model rejects with.
      ended.throwIfAborted()
      throw error
    }
  }

  /** {@inheritDoc SemanticEmbedder.destroy} */
  destroy(): void {
    this.#end(new DOMException('The embedder was destroyed', 'AbortError'))
  }

  #end(reason: unknown): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(reason)
    void this.#embedder.dispose()
  }
}

/**
 * Takes options as a browser does: `null` is none, and members that it does not know are ignored.
 *
 * @param what - The call, for the message.
 * @param options - What the caller gave.
 * @throws {TypeError} If they are no object.
 */
export function dictionary<T extends object>(what: string, options: T | null | undefined): Partial<T> {
  if (options === undefined || options === null) return {}
  if (typeof options === 'object' || typeof options === 'function') return options
  throw new TypeError(`Cannot ${what} as options must be an object: current value is ${String(options)}`)
}

function encodeFor(
  embedder: Embedder,
  texts: readonly string[],
  { taskType, signal }: SemanticEmbedderEmbedOptions,
): Promise<Embeddings> {
  const task = checkOneOf('embed', 'taskType', taskType, TASK_TYPES)
  if (task === undefined) return embedder.encode(texts, { prompt: '', signal })
  if (task === 'retrieval-query') return embedder.encodeQuery(texts, { signal })
  if (task === 'retrieval-document') return embedder.encodeDocument(texts, { signal })
  return embedder.encode(texts, { ...promptFor(embedder, task), signal })
}

function promptFor({ prompts }: Embedder, task: SemanticEmbedderTaskType): Pick<EncodeOptions, 'promptName'> {
  const promptName = Object.keys(prompts).find((name) => PROMPT_NAMES[task]?.includes(name.toLowerCase()))
  return promptName === undefined ? {} : { promptName }
}

function toResult(embeddings: Embeddings, embeddingSpace: string): SemanticEmbedderResult {
  const { tokens } = embeddings
  const rows = Array.from({ length: embeddings.count }, (_, row) => row)
  return {
    embeddings: rows.map((row) => ({
      // A copy: a view would keep the vectors of all texts alive.
      values: embeddings.row(row).slice(),
      embeddingSpace,
      statistics:
        tokens === undefined
          ? undefined
          : { tokenCount: tokens.tokenCounts[row] ?? 0, truncated: tokens.truncated[row] === 1 },
    })),
  }
}
