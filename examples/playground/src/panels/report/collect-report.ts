import { embeddingCache, isSupported, modelCache, type Embedder } from 'nestling'
import { measureHeap, type MeasuredMemory } from './memory.js'

/** Everything that a bug report needs, and no text of the visitor. */
export interface PageReport {
  readonly browser: Readonly<Record<string, unknown>>
  readonly support: Awaited<ReturnType<typeof isSupported>>
  readonly model: Readonly<Record<string, unknown>>
  readonly report: Embedder['report']
  readonly stats: Awaited<ReturnType<Embedder['stats']>>
  readonly cache: Readonly<Record<string, unknown>>
  readonly memory: MeasuredMemory | undefined
}

/**
 * Collects what is known of the page's model and browser.
 *
 * @returns Plain data.
 * @throws {EmbedderError} `disposed` where the model is replaced meanwhile.
 */
export async function collectReport(embedder: Embedder): Promise<PageReport> {
  const [support, stats, models, vectors, probe] = await Promise.all([
    isSupported(),
    embedder.stats(),
    modelCache.list().catch(String),
    embeddingCache.stats().catch(String),
    embedder.encode('', { cache: false }),
  ])
  const { dim, maxSeqLength, nestedDims, similarityFunction, prompts, report } = embedder
  return {
    browser: {
      userAgent: navigator.userAgent,
      language: navigator.language,
      cores: navigator.hardwareConcurrency,
      isCrossOriginIsolated: crossOriginIsolated,
      page: location.origin + location.pathname,
      time: new Date().toISOString(),
    },
    support,
    model: { dim, maxSeqLength, nestedDims, similarityFunction, promptNames: Object.keys(prompts), space: probe.space },
    report: { ...report },
    stats,
    cache: { models, vectors },
    memory: measureHeap(),
  }
}
