/**
 * Hashes a chunk; the browser does it beside the page's own thread.
 *
 * @param bytes - The chunk.
 * @returns Its SHA-256 in hex.
 */
export async function digestChunk(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
