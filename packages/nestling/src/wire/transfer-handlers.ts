import * as Comlink from 'comlink'
import { errorToWire, wireToError, type WireError, type WireValue } from './error-codec.js'
import { IDENTITY } from './identity.js'
import type { HostApi, HostEvent, RemoteHost } from './protocol.js'

/** Comlink's marked value of a rejection. */
interface Thrown {
  readonly value: unknown
}

/**
 * Makes Comlink carry whole errors. Comlink's own handler keeps name, message and stack only, so `code`, `cause` and the
 * class would be lost. Both sides call it; our copy of Comlink is bundled, so an application's Comlink is not changed.
 */
function installThrowHandler(): void {
  const original = Comlink.transferHandlers.get('throw')
  if (original === undefined) throw new Error('Cannot install the error codec as Comlink has no throw handler')
  const handler: Comlink.TransferHandler<Thrown, WireError | WireValue> = {
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: (thrown) => [errorToWire(thrown.value), []],
    deserialize: (wire) => {
      throw wireToError(wire)
    },
  }
  Comlink.transferHandlers.set('throw', handler)
}

/**
 * Offers a host to the page that started this worker.
 *
 * @param host - The host.
 * @param endpoint - Where messages come from; the worker's own scope when left out.
 */
export function exposeHost(host: HostApi, endpoint?: Comlink.Endpoint): void {
  installThrowHandler()
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
      return Comlink.transfer(
        tokens,
        tokens.ids.map((ids) => ids.buffer),
      )
    },
    countTokens: async (texts) => {
      const counts = await host.countTokens(texts)
      return Comlink.transfer(counts, [counts.buffer])
    },
    chunk: async (request) => {
      const chunks = await host.chunk(request)
      return Comlink.transfer(chunks, [chunks.counts.buffer, chunks.spans.buffer])
    },
    share: () => host.share(),
    stats: () => host.stats(),
    dispose: () => host.dispose(),
  }
  Comlink.expose(api, endpoint)
}

/**
 * Gives a proxy of the host that lives behind an endpoint.
 *
 * @param endpoint - A worker or a message port.
 * @returns The host; its promises never settle when the other side is gone, so a caller has to watch that itself.
 */
export function connectHost(endpoint: Comlink.Endpoint): RemoteHost {
  installThrowHandler()
  const remote = Comlink.wrap<RemoteHost>(endpoint)
  return {
    // Another script that uses Comlink refuses the call: that, too, says who it is not.
    hello: () => remote.hello().catch(String),
    load: (request, onEvent) =>
      remote.load(
        request,
        Comlink.proxy((event: HostEvent) => {
          onEvent(event.kind === 'failed' ? { ...event, error: wireToError(event.error as WireError) } : event)
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
  return Comlink.transfer(event, buffers)
}
