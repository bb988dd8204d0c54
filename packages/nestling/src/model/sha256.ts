import { toHex } from '@nestling/kit/math/hex'
import { EmbedderError } from '../wire/embedder-error.js'

/**
 * Hashes bytes.
 *
 * @param bytes - What to hash.
 * @returns 64 lower-case hexadecimal digits.
 * @throws {EmbedderError} As {@link sha256}.
 */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await sha256(bytes))
}

/**
 * Hashes bytes.
 *
 * @param bytes - What to hash.
 * @returns 32 bytes.
 * @throws {EmbedderError} `environment-unsupported` if the browser keeps its digests from this place: on pages without HTTPS, and in workers of
 * frames without an origin.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto }
  if (subtle === undefined) {
    throw new EmbedderError(
      'environment-unsupported',
      'Cannot read a model as the browser must let this place compute digests: current value of crypto.subtle is undefined\nServe the page over HTTPS, and give a sandboxed frame an origin with allow-same-origin',
    )
  }
  return new Uint8Array(await subtle.digest('SHA-256', bytes))
}
