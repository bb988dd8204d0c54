import { calling, connectApi, exposeApi, moving, type Endpoint } from '@nestling/kit/worker/endpoint'
import { errorToWire, wireToError, type WireError } from '@nestling/kit/worker/error-codec'
import { EmbedderError } from './embedder-error.js'
import { IDENTITY } from './identity.js'
import type { HostApi, HostEvent, RemoteHost } from './protocol.js'

/**
 * Offers a host to the page that started this worker.
 *
 * @param endpoint - Where messages come from; the worker's own scope when left out.
 */
export function exposeHost(host: HostApi, endpoint?: Endpoint): void {
  const api: RemoteHost = {
    hello: () => Promise.resolve(IDENTITY),
    load: (request, onEvent) =>
      host.load(request, (event) => {
        onEvent(eventToWire(event))
      }),
    encode: (requests) => host.encode(requests),
    cancel: (ids) => {
      host.cancel(ids)
    },
    tokenize: async (texts, prompt) => {
      const tokens = await host.tokenize(texts, prompt)
      return moving(
        tokens,
        tokens.ids.map((ids) => ids.buffer),
      )
    },
    countTokens: async (texts) => {
      const counts = await host.countTokens(texts)
      return moving(counts, [counts.buffer])
    },
    chunk: async (request) => {
      const chunks = await host.chunk(request)
      return moving(chunks, [chunks.counts.buffer, chunks.spans.buffer])
    },
    share: () => host.share(),
    stats: () => host.stats(),
    dispose: () => host.dispose(),
  }
  exposeApi(api, endpoint, EmbedderError)
}

/**
 * Gives a proxy of the host that lives behind an endpoint.
 *
 * @param endpoint - A worker or a message port.
 * @returns The host; its promises never settle when the other side is gone, so a caller has to watch that itself.
 */
export function connectHost(endpoint: Endpoint): RemoteHost {
  const remote = connectApi<RemoteHost>(endpoint, EmbedderError)
  return {
    // Another script that uses Comlink refuses the call: that, too, says who it is not.
    hello: () => remote.hello().catch(String),
    load: (request, onEvent) =>
      remote.load(
        request,
        calling((event: HostEvent) => {
          onEvent(
            event.kind === 'failed' ? { ...event, error: wireToError(event.error as WireError, EmbedderError) } : event,
          )
        }),
      ),
    encode: (requests) => remote.encode(requests),
    cancel: (ids) => {
      void remote.cancel(ids)
    },
    tokenize: (texts, prompt) => remote.tokenize(texts, prompt),
    countTokens: (texts) => remote.countTokens(texts),
    chunk: (request) => remote.chunk(request),
    share: () => remote.share(),
    stats: () => remote.stats(),
    dispose: () => remote.dispose(),
  }
}

/** Rows are moved, not copied, and an error goes in pieces: only what Comlink rejects with passes its throw handler. */
function eventToWire(event: HostEvent): HostEvent {
  if (event.kind === 'failed') return { ...event, error: errorToWire(event.error) }
  if (event.kind !== 'rows') return event
  const buffers = event.rows.flatMap(({ indices, data, tokenCounts }) => [
    indices.buffer,
    data.buffer,
    tokenCounts.buffer,
  ])
  return moving(event, buffers)
}
