import * as Comlink from 'comlink'
import { errorToWire, wireToError, type WireError, type WireValue } from './error-codec.js'
import type { FailureClass } from './failure-class.js'

/** A worker, a message port, or the own scope of a worker. */
export type Endpoint = Comlink.Endpoint

/** Functions by name. */
type Api<T> = { readonly [Name in keyof T]: (...args: never[]) => unknown }

/** What the other side of an endpoint offers: the same functions, each of which gives a promise. */
export type Remote<T extends Api<T>> = {
  readonly [Name in keyof T]: (...args: Parameters<T[Name]>) => Promise<Awaited<ReturnType<T[Name]>>>
}

/** Comlink's marked value of a rejection. */
interface Thrown {
  readonly value: unknown
}

/**
 * Makes Comlink carry whole errors. Comlink's own handler keeps name, message and stack only, so `code`, `cause` and the
 * class would be lost. Both sides call it; our copy of Comlink is bundled, so an application's Comlink is not changed.
 */
function installThrowHandler(failureClass: FailureClass | undefined): void {
  const original = Comlink.transferHandlers.get('throw')
  const handler: Comlink.TransferHandler<Thrown, WireError | WireValue> = {
    canHandle: (value): value is Thrown => original?.canHandle(value) === true,
    serialize: ({ value }) => [errorToWire(value), []],
    deserialize: (wire) => {
      throw wireToError(wire, failureClass)
    },
  }
  Comlink.transferHandlers.set('throw', handler)
}

/**
 * Offers functions to the other side.
 *
 * @param endpoint - Where calls come from; the worker's own scope when left out.
 * @param failureClass - Class of the failures that functions of the other side may throw here.
 */
export function exposeApi<T extends Api<T>>(api: T, endpoint?: Endpoint, failureClass?: FailureClass): void {
  installThrowHandler(failureClass)
  Comlink.expose(api, endpoint)
}

/**
 * Gives what the other side offers.
 *
 * @param failureClass - Class of the failures that it throws.
 * @returns Its functions; their promises never settle when the other side is gone, so a caller has to watch that itself.
 */
export function connectApi<T extends Api<T>>(endpoint: Endpoint, failureClass: FailureClass): Remote<T> {
  installThrowHandler(failureClass)
  // Comlink's own type covers objects and classes too, and cannot be called by a name that is known as a type alone.
  return Comlink.wrap<T>(endpoint) as unknown as Remote<T>
}

/** Lets buffers in a value move to the other side, which this one loses, instead of being copied. */
export function moving<T extends object>(value: T, buffers: readonly Transferable[]): T {
  return Comlink.transfer(value, [...buffers])
}

/** Lets the other side call a function of this one. */
export function calling<T extends (...args: never[]) => void>(callback: T): T {
  return Comlink.proxy(callback)
}
