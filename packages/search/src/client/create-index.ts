import type { Metadata, MetadataOf } from '../wire/protocol.js'
import { HostLink } from './host-link.js'
import { resolveIndexOptions, type CreateIndexOptions } from './index-options.js'
import type { SearchIndex } from './search-index.js'
import { IndexModel } from './index-model.js'
import { WorkerIndex } from './worker-index.js'

/**
 * Makes an index, or opens a stored one, in a worker of its own. What is stored is read by the first call that needs it.
 *
 * @param options - See {@link CreateIndexOptions}.
 * @returns What searches them; end it with {@link SearchIndex.dispose}.
 * @throws {TypeError} If an option is unknown or of the wrong type, or another precision or similarity is stored.
 * @throws {RangeError} If an option is out of range, or another dim is stored.
 * @throws {EmbedderError} `space-mismatch` if documents of another model are stored; `environment-unsupported`, `store-unavailable`,
 * `index-corrupt`, `worker-crashed`.
 */
export async function createIndex<M extends MetadataOf<M> = Metadata>(
  options: CreateIndexOptions = {},
): Promise<SearchIndex<M>> {
  const resolved = resolveIndexOptions(options)
  const link = new HostLink(resolved)
  const model = new IndexModel(resolved, link)
  await link.ready()
  return new WorkerIndex<M>(resolved, link, model)
}
