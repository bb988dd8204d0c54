import { checkKeys, checkOneOf, type KnownKeys } from '../client/check-options.js'
import type { Embedder } from '../client/embedder.js'
import type { EncodeOptions } from '../client/encode-options.js'
import type { LoadOptions } from '../client/load-options.js'
import { load, plan } from '../client/main-entry.js'
import type { ModelSource } from '../client/model-source.js'
import { isSupported } from '../client/plan.js'
import type { Embeddings } from '../math/embeddings.js'
import { EmbedderError } from '../wire/embedder-error.js'
import {
  TASK_TYPES,
  type EmbedTaskType,
  type SemanticEmbedder,
  type SemanticEmbedderAvailability,
  type SemanticEmbedderCreateOptions,
  type SemanticEmbedderFactory,
  type SemanticEmbedderResult,
  type SemanticEmbedOptions,
} from './semantic-embedder-shape.js'

export type {
  ContentEmbedding,
  EmbedTaskType,
  SemanticEmbedder,
  SemanticEmbedderAvailability,
  SemanticEmbedderCreateOptions,
  SemanticEmbedderFactory,
  SemanticEmbedderResult,
  SemanticEmbedOptions,
} from './semantic-embedder-shape.js'

/** Options of {@link defineSemanticEmbedder}: those of `load`, and which embedder is taken. */
export interface SemanticEmbedderOptions extends Omit<LoadOptions, 'signal' | 'onProgress'> {
  /**
   * Whether the browser's own `SemanticEmbedder` is taken where there is one and it is not unavailable. Its vectors cannot be compared
   * with those of the model here: keep `embeddingSpace` with what you store.
   *
   * @defaultValue 'never'
   */
  readonly native?: 'never' | 'prefer' | undefined
}

const CREATE_KEYS: KnownKeys<SemanticEmbedderCreateOptions> = { embeddingSpace: true, monitor: true, signal: true }
const EMBED_KEYS: KnownKeys<SemanticEmbedOptions> = { taskType: true, signal: true }

/** Prompts that models have for a task, in lower case. */
const PROMPT_NAMES: Readonly<Record<string, readonly string[]>> = {
  'semantic-similarity': ['semantic-similarity', 'sts', 'similarity'],
  classification: ['classification'],
  clustering: ['clustering'],
}

/**
 * Makes what stands in the place of the browser's proposed global `SemanticEmbedder`, with a model of yours.
 *
 * @param model - What to load, as for `load`.
 * @param options - Options of `load`, and whether the browser's own is taken.
 * @returns An object with `availability` and `create`.
 * @throws {TypeError} If `native` is neither 'never' nor 'prefer'.
 * @see {@link https://github.com/explainers-by-googlers/embedding-api | Explainer of the Embedding API}
 */
export function defineSemanticEmbedder(
  model: ModelSource,
  options: SemanticEmbedderOptions = {},
): SemanticEmbedderFactory {
  const { native, ...loadOptions } = options
  const isNativeWanted = checkOneOf('define an embedder', 'native', native, ['never', 'prefer']) === 'prefer'
  let loading = 0
  return {
    availability: async (createOptions = {}) => {
      checkKeys('ask for an embedder', createOptions, CREATE_KEYS)
      const answer = isNativeWanted ? await nativeAvailability(createOptions) : 'unavailable'
      if (answer !== 'unavailable') return answer
      return loading > 0 ? 'downloading' : await ownAvailability(model, loadOptions)
    },
    create: async (createOptions = {}) => {
      checkKeys('create an embedder', createOptions, CREATE_KEYS)
      const own = isNativeWanted ? nativeFactory() : undefined
      if (own !== undefined && (await nativeAvailability(createOptions)) !== 'unavailable')
        return own.create(createOptions)
      loading++
      try {
        return await createOwn(model, loadOptions, createOptions)
      } finally {
        loading--
      }
    },
  }
}

/** The browser's own. Chrome has it behind a flag; no release does. */
function nativeFactory(): SemanticEmbedderFactory | undefined {
  return (globalThis as { readonly SemanticEmbedder?: SemanticEmbedderFactory }).SemanticEmbedder
}

async function nativeAvailability(options: SemanticEmbedderCreateOptions): Promise<SemanticEmbedderAvailability> {
  const { embeddingSpace } = options
  return (await nativeFactory()?.availability(embeddingSpace === undefined ? {} : { embeddingSpace })) ?? 'unavailable'
}

async function ownAvailability(model: ModelSource, options: LoadOptions): Promise<SemanticEmbedderAvailability> {
  if (!(await isSupported()).supported) return 'unavailable'
  const { isCached, modelBytes } = await plan(model, options)
  return isCached || modelBytes === 0 ? 'available' : 'downloadable'
}

async function createOwn(
  model: ModelSource,
  loadOptions: LoadOptions,
  { embeddingSpace, monitor, signal }: SemanticEmbedderCreateOptions,
): Promise<SemanticEmbedder> {
  const target = new EventTarget()
  monitor?.(target)
  const embedder = await load(model, {
    ...loadOptions,
    signal,
    onProgress: ({ fraction }) => {
      const event = new Event('downloadprogress')
      target.dispatchEvent(Object.assign(event, { loaded: fraction, total: 1, lengthComputable: true }))
    },
  })
  try {
    const { space } = await embedder.encode([], { signal })
    if (embeddingSpace !== undefined && embeddingSpace !== space.id) throw otherSpace(embeddingSpace, space.id)
    return semanticEmbedderOf(embedder, space.id)
  } catch (error) {
    void embedder.dispose()
    throw error
  }
}

function otherSpace(wanted: string, actual: string): EmbedderError {
  return new EmbedderError(
    'space-mismatch',
    `Cannot create an embedder as embeddingSpace must be that of the model, ${actual}: current value is ${wanted}\nEncode the stored texts again`,
  )
}

function semanticEmbedderOf(embedder: Embedder, embeddingSpace: string): SemanticEmbedder {
  return {
    embeddingSpace,
    embed: async (input, options = {}) => {
      checkKeys('embed', options, EMBED_KEYS)
      // As the browser's own does: a single text gives a list of one.
      const texts = typeof input === 'string' ? [input] : input
      return toResult(await encodeFor(embedder, texts, options))
    },
    destroy: () => {
      void embedder.dispose()
    },
  }
}

function encodeFor(
  embedder: Embedder,
  texts: readonly string[],
  { taskType, signal }: SemanticEmbedOptions,
): Promise<Embeddings> {
  if (taskType === undefined) return embedder.encode(texts, { prompt: '', signal })
  const task = checkOneOf('embed', 'taskType', taskType, TASK_TYPES)
  if (task === 'retrieval-query') return embedder.encodeQuery(texts, { signal })
  if (task === 'retrieval-document') return embedder.encodeDocument(texts, { signal })
  return embedder.encode(texts, { ...promptFor(embedder, task), signal })
}

function promptFor({ prompts }: Embedder, task: EmbedTaskType): Pick<EncodeOptions, 'promptName'> {
  const promptName = Object.keys(prompts).find((name) => PROMPT_NAMES[task]?.includes(name.toLowerCase()))
  return promptName === undefined ? {} : { promptName }
}

function toResult(embeddings: Embeddings): SemanticEmbedderResult {
  const { tokens, space } = embeddings
  const rows = Array.from({ length: embeddings.count }, (_, row) => row)
  return {
    embeddings: rows.map((row) => ({
      // A copy: a view would keep the vectors of all texts alive.
      values: embeddings.row(row).slice(),
      embeddingSpace: space.id,
      statistics:
        tokens === undefined
          ? undefined
          : { tokenCount: tokens.tokenCounts[row] ?? 0, truncated: tokens.truncated[row] === 1 },
    })),
  }
}
