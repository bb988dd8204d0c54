import { plan, type LoadOptions, type ModelSource } from 'nestling'
import { bytesInWords } from '../../text/bytes.js'

/**
 * Says what loading a model would download and run, before anything is downloaded.
 *
 * @param options - How it would be loaded.
 * @returns A sentence or two.
 * @throws {unknown} What `plan` throws.
 */
export async function planInWords(source: ModelSource, options: LoadOptions): Promise<string> {
  const { device, engine, isCached, modelBytes, runtimeBytes } = await plan(source, options)
  const run = `Runs on ${device === 'webgpu' ? 'WebGPU' : 'WASM'} (${engine}, ${bytesInWords(runtimeBytes)} of runtime).`
  return `${modelInWords(isCached, modelBytes)} ${run}`
}

function modelInWords(isCached: boolean, bytes: number | undefined): string {
  if (isCached) return 'Kept in this browser: nothing to download.'
  if (bytes === undefined) return 'Not kept here; only its server knows its size.'
  return bytes === 0 ? 'On this device: nothing to download.' : `Downloads ${bytesInWords(bytes)}.`
}
