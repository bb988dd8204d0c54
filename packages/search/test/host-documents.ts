import { searchKernels } from '@nestling/testing/search-kernels'
import { SearchHost } from '../src/worker/search-host.js'
import type { DocumentId } from '../src/wire/document-id.js'
import type { DocumentPortion, Metadata, OpenRequest, SearchRequest } from '../src/wire/protocol.js'

/** What the page asks for where nothing was said. */
export const OPEN_REQUEST: OpenRequest = {
  store: undefined,
  dim: undefined,
  precision: undefined,
  similarity: undefined,
  scoring: 'auto',
  isNested: false,
  fields: undefined,
}

/** A search by vectors with the defaults of the page. */
export const SEARCH_REQUEST: SearchRequest = {
  mode: 'vectors',
  text: '',
  vector: undefined,
  space: undefined,
  topK: 10,
  minScore: undefined,
  fusion: undefined,
  explain: false,
  scoring: undefined,
  filter: undefined,
  allowed: undefined,
}

/** A document with vectors of two components. */
export interface HostDocument {
  readonly id: DocumentId
  readonly text?: string
  readonly metadata?: Metadata
  /** Angle of its vector; that of its id by default. */
  readonly angle?: number
}

/** Opens a host without a worker. */
export async function openHost(request: Partial<OpenRequest> = {}): Promise<SearchHost> {
  const host = new SearchHost(await searchKernels())
  await host.open({ ...OPEN_REQUEST, ...request })
  return host
}

/** Brings documents into the form in which the page sends them. */
export function portionOf(documents: readonly HostDocument[], space?: DocumentPortion['space']): DocumentPortion {
  const angles = documents.map(({ id, angle }) => angle ?? Number(id))
  return {
    ids: documents.map(({ id }) => id),
    texts: documents.map(({ text }) => text ?? null),
    metadata: documents.map(({ metadata }) => metadata ?? null),
    rowCounts: new Int32Array(documents.length).fill(1),
    spans: Int32Array.from(documents.flatMap(({ text }) => [0, text?.length ?? 0])),
    vectors: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
    dim: 2,
    space,
  }
}

let changes = 0

/** Adds documents. */
export async function addToHost(
  host: SearchHost,
  documents: readonly HostDocument[],
  space?: DocumentPortion['space'],
): Promise<void> {
  const change = ++changes
  await host.stage(change, portionOf(documents, space))
  await host.commit(change, false)
}
