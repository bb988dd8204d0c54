import type { EmbedderStats } from '../wire/embedder-stats.js'
import type { Dispatcher } from './dispatcher.js'

/** Has all hosts write what they keep, and adds up what each counted; what is stored in all, the first one knows. */
export async function statsOf(dispatcher: Dispatcher): Promise<EmbedderStats> {
  const others = await dispatcher.callExtras((host) => host.stats())
  const { embeddings } = await dispatcher.call((host) => host.stats())
  let { hits, misses } = embeddings
  for (const other of others) {
    hits += other.embeddings.hits
    misses += other.embeddings.misses
  }
  return { embeddings: { ...embeddings, hits, misses } }
}
