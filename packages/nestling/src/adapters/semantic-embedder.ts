import { checkOneOf, checkSignal, checkType } from '@nestling/kit/options/check-options'
import type { LoadOptions } from '../api/options/load-options.js'
import { load, plan } from '../api/main-entry.js'
import type { ModelSource } from '../api/source/model-source.js'
import { isSupported } from '../api/plan.js'
import { EmbedderError } from '../wire/embedder-error.js'
import { DownloadMonitor } from './download-monitor.js'
import { nativeSemanticEmbedder, type NativeSemanticEmbedder } from './native-semantic-embedder.js'
import { dictionary, OwnSemanticEmbedder } from './own-semantic-embedder.js'
import type {
  SemanticEmbedder,
  SemanticEmbedderAvailability,
  SemanticEmbedderAvailabilityOptions,
  SemanticEmbedderCreateOptions,
  SemanticEmbedderFactory,
  SemanticEmbedderParams,
} from './semantic-embedder-shape.js'
import { spaceNameOf } from './semantic-embedder-space.js'

export type {
  ContentEmbedding,
  SemanticEmbedder,
  SemanticEmbedderAvailability,
  SemanticEmbedderAvailabilityOptions,
  SemanticEmbedderCreateOptions,
  SemanticEmbedderEmbedOptions,
  SemanticEmbedderFactory,
  SemanticEmbedderParams,
  SemanticEmbedderResult,
  SemanticEmbedderTaskType,
  SupportedEmbeddingSpace,
} from './semantic-embedder-shape.js'

/** Options of {@link defineSemanticEmbedder}: those of `load`, how the space is called, and which embedder is taken. */
export interface SemanticEmbedderOptions extends Omit<LoadOptions, 'signal' | 'onProgress'> {
  /**
   * Name of the space of the model's vectors. Without it a model package is named by its files, a hub id by its revision, and a folder by
   * its URL; local files need one. Where files may change under such a name, give one that changes with them.
   */
  readonly embeddingSpace?: string | undefined
  /**
   * Whether the spaces of the browser's own `SemanticEmbedder` are served too where there is one, and come first.
   *
   * @defaultValue 'never'
   */
  readonly native?: 'never' | 'prefer' | undefined
}

/**
 * Makes what stands in the place of the browser's proposed global `SemanticEmbedder`, with a model of yours.
 *
 * @param model - What to load, as for `load`.
 * @param options - Options of `load`, the name of the space, and whether the browser's own is taken.
 * @returns A class with `params`, `availability` and `create`.
 * @throws {TypeError} If `native` is neither 'never' nor 'prefer', or `embeddingSpace` no string.
 * @see {@link https://github.com/web-platform-tests/wpt/tree/master/ai/semantic_embedder | The tests of the proposal}
 */
export function defineSemanticEmbedder(
  model: ModelSource,
  options: SemanticEmbedderOptions = {},
): SemanticEmbedderFactory {
  const { native, embeddingSpace, ...loadOptions } = options
  const what = 'define an embedder'
  const isNativeWanted = checkOneOf(what, 'native', native, ['never', 'prefer']) === 'prefer'
  const name = checkType(what, 'embeddingSpace', embeddingSpace, 'string')
  const served = new ServedSpaces({ model, loadOptions, name, isNativeWanted })
  return class DefinedSemanticEmbedder extends OwnSemanticEmbedder {
    static params(): Promise<SemanticEmbedderParams> {
      return served.params()
    }

    static availability(given?: SemanticEmbedderAvailabilityOptions | null): Promise<SemanticEmbedderAvailability> {
      return served.availability(given)
    }

    static create(given: SemanticEmbedderCreateOptions): Promise<SemanticEmbedder> {
      return served.create(given, DefinedSemanticEmbedder)
    }
  }
}

/** What was passed to {@link defineSemanticEmbedder}. */
interface Definition {
  readonly model: ModelSource
  readonly loadOptions: LoadOptions
  readonly name: string | undefined
  readonly isNativeWanted: boolean
}

/** The space of the model, and those of the browser's own embedder where they are wanted. */
class ServedSpaces {
  readonly #definition: Definition
  #loads = 0

  constructor(definition: Definition) {
    this.#definition = definition
  }

  async params(): Promise<SemanticEmbedderParams> {
    const own = await this.#ownSpace()
    const native = (await this.#native()?.spaces()) ?? []
    const spaces = native.filter(({ embeddingSpace }) => embeddingSpace !== own)
    if ((await isSupported()).supported) spaces.push({ embeddingSpace: own, shutdownDate: null })
    return { supportedSpaces: spaces }
  }

  async availability(given?: SemanticEmbedderAvailabilityOptions | null): Promise<SemanticEmbedderAvailability> {
    const { embeddingSpace } = dictionary('ask for an embedder', given)
    const own = await this.#ownSpace()
    if (embeddingSpace === own) return this.#ownAvailability()
    const answer = (await this.#native()?.availability(embeddingSpace)) ?? 'unavailable'
    return embeddingSpace === undefined && answer === 'unavailable' ? this.#ownAvailability() : answer
  }

  async create(given: SemanticEmbedderCreateOptions, type: typeof OwnSemanticEmbedder): Promise<SemanticEmbedder> {
    const what = 'create an embedder'
    const { embeddingSpace, monitor, signal } = dictionary(what, given)
    if (embeddingSpace === undefined) {
      throw new TypeError(
        `Cannot ${what} as embeddingSpace is required: current value is undefined\nPass one that params() lists`,
      )
    }
    checkType(what, 'monitor', monitor, 'function')
    checkSignal(what, signal)
    signal?.throwIfAborted()
    const wanted = asText(embeddingSpace)
    const own = await this.#ownSpace()
    if (wanted === own) return this.#createOwn({ embeddingSpace: own, monitor, signal }, type)
    const native = this.#native()
    if (native !== undefined && (await native.serves(wanted))) return native.create(given)
    throw notSupported(`embeddingSpace must be one that params() lists: current value is ${wanted}`)
  }

  async #createOwn(
    { embeddingSpace, monitor, signal }: SemanticEmbedderCreateOptions,
    type: typeof OwnSemanticEmbedder,
  ): Promise<SemanticEmbedder> {
    const { model, loadOptions } = this.#definition
    signal?.throwIfAborted()
    const progress = new DownloadMonitor(monitor)
    progress.tell(0)
    this.#loads++
    try {
      const onProgress = ({ fraction }: { readonly fraction: number }): void => {
        if (signal?.aborted !== true) progress.tell(fraction)
      }
      const embedder = await load(model, { ...loadOptions, signal, onProgress })
      progress.tell(1)
      return new type({ embedder, embeddingSpace, signal })
    } catch (error) {
      if (!(error instanceof EmbedderError) || error.code !== 'environment-unsupported') throw error
      throw notSupported(error.message.replace(/^Cannot .*? as /, ''))
    } finally {
      this.#loads--
    }
  }

  async #ownSpace(): Promise<string> {
    const { model, loadOptions, name } = this.#definition
    return name ?? (await spaceNameOf(model, loadOptions))
  }

  async #ownAvailability(): Promise<SemanticEmbedderAvailability> {
    const { model, loadOptions } = this.#definition
    if (this.#loads > 0) return 'downloading'
    if (!(await isSupported()).supported) return 'unavailable'
    const { isCached, modelBytes } = await plan(model, loadOptions)
    return isCached || modelBytes === 0 ? 'available' : 'downloadable'
  }

  /** Looked for at each call: a page may replace the global. */
  #native(): NativeSemanticEmbedder | undefined {
    return this.#definition.isNativeWanted ? nativeSemanticEmbedder() : undefined
  }
}

/** Takes what is no string as a browser takes it. */
function asText(value: unknown): string {
  return String(value)
}

/** The proposal rejects with this, where our own calls would have an `EmbedderError`. */
function notSupported(rule: string): DOMException {
  return new DOMException(`Cannot create an embedder as ${rule}`, 'NotSupportedError')
}
