/** Where the model may run. */
export type RequestedDevice = 'auto' | 'wasm' | 'webgpu'

/**
 * Reads `?device=` of the page's address.
 *
 * @param search - The query part of an address.
 * @returns The device that was asked for; `auto` when none was.
 * @throws {RangeError} If there is no such device.
 */
export function requestedDevice(search: string): RequestedDevice {
  const device = new URLSearchParams(search).get('device') ?? 'auto'
  if (device === 'auto' || device === 'wasm' || device === 'webgpu') return device
  throw new RangeError(
    `Cannot choose a device as it must be auto, wasm or webgpu: current value is ${device}\nCorrect ?device= in the address`,
  )
}
