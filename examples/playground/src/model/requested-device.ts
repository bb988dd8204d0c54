/** Where the model may run. */
export type RequestedDevice = 'auto' | 'wasm' | 'webgpu'

/**
 * Reads `?device=` of the page's address.
 *
 * @param search - The query part of an address.
 * @returns The device that was asked for; `auto` when none was, or there is no such device.
 */
export function requestedDevice(search: string): RequestedDevice {
  const device = new URLSearchParams(search).get('device')
  return device === 'wasm' || device === 'webgpu' ? device : 'auto'
}
