import { within } from '@nestling/kit/calls/within'
import { EmbedderError } from '../../wire/embedder-error.js'

/**
 * Milliseconds that onnxruntime-web has to load and compile its WebAssembly module: up to 27 MB, which take half an hour at 120 kbit/s. It
 * fetches them itself, so that silence cannot be told from slowness.
 */
export const RUNTIME_INIT_MS = 1_800_000

/** Milliseconds that a module has to come: up to 0.6 MB, which take 80 seconds at 64 kbit/s. */
const IMPORT_MS = 300_000

/**
 * Imports a module from a URL that no bundler knows. An import cannot be ended: one that comes too late is ignored.
 *
 * @param limitMs - Longest wait.
 * @returns What it exports.
 * @throws {EmbedderError} `model-fetch-failed` if it does not come in time; what the import itself throws.
 */
export async function importModule(url: string, limitMs: number = IMPORT_MS): Promise<unknown> {
  const module = await within<unknown>(import(/* @vite-ignore */ /* webpackIgnore: true */ url), limitMs)
  if (module !== undefined) return module
  throw new EmbedderError(
    'model-fetch-failed',
    `Cannot load the runtime as ${url} did not come within ${limitMs / 1000} s: check the connection`,
    { details: { url, stalledMs: limitMs } },
  )
}
