import { searchKernels } from '@nestling/testing/search-kernels'
import { SearchHost } from '../src/worker/search-host.js'
import type { DocumentId } from '../src/wire/document-id.js'
import type { DocumentPortion, Metadata, OpenRequest } from '../src/wire/protocol.js'

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
  const all = { store: undefined, dim: undefined, precision: undefined, similarity: undefined } as const
  await host.open({ ...all, scoring: 'auto', isNested: false, ...request })
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
