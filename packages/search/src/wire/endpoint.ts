import * as Comlink from 'comlink'
import { errorToWire, type WireError } from './error-codec.js'

/** Comlink's marked value of a rejection. */
interface Thrown {
  readonly value: unknown
}

/**
 * Makes Comlink carry whole errors: its own handler keeps name, message and stack only. Our copy of Comlink is bundled, so an
 * application's is not changed.
 */
function installThrowHandler(wireToError: (wire: WireError) => Error): void {
  const original = Comlink.transferHandlers.get('throw')
  if (original === undefined) throw new Error('Cannot install the error codec as Comlink has no throw handler')
  const handler: Comlink.TransferHandler<Thrown, WireError> = {
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: ({ value }) => [errorToWire(value), []],
    deserialize: (wire) => {
      throw wireToError(wire)
    },
  }
  Comlink.transferHandlers.set('throw', handler)
}

/**
 * Offers an object to the page that started this worker.
 *
 * @param api - The object.
 */
export function exposeApi(api: object): void {
  installThrowHandler(() => new Error('Cannot read an error of the page as none is expected'))
  Comlink.expose(api)
}

/**
 * Gives a proxy of what a worker offers.
 *
 * @param worker - The worker.
 * @param wireToError - Gives an error that crossed its class back.
 * @returns The proxy; its promises never settle when the worker is gone.
 */
export function connectApi<T>(worker: Worker, wireToError: (wire: WireError) => Error): Comlink.Remote<T> {
  installThrowHandler(wireToError)
  return Comlink.wrap<T>(worker)
}

/**
 * Lets buffers move to the other side instead of being copied.
 *
 * @param value - What is sent.
 * @param buffers - Buffers in it; this side loses them.
 * @returns The value.
 */
export function moving<T extends object>(value: T, buffers: readonly Transferable[]): T {
  return Comlink.transfer(value, [...buffers])
}

/**
 * Lets the other side call a function of this one.
 *
 * @param callback - The function.
 * @returns What may be sent.
 */
export function calling<T extends (...args: never[]) => void>(callback: T): T {
  return Comlink.proxy(callback)
}
