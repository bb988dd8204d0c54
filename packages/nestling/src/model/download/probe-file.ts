import { isEmbedderError } from '../../wire/embedder-error.js'
import { announcedBytes, promisedBytes } from './announced-bytes.js'
import { sendRequest, type FileRequest } from './send-request.js'

/** From the first byte on: browsers ask for ranges uncompressed, so that what is announced is the length of the file. */
const ALL_BYTES = 'bytes=0-'

/**
 * Asks a server for the length of a file without downloading it. Some answer `HEAD` with 405, signed URLs with 403, and some do not tell a
 * length then: they are asked for the file, and the answer is given up when its headers are here.
 *
 * @returns Its bytes; `unknown` where the server does not tell, `absent` where there is none or none that may be read.
 */
export async function probeFile(request: FileRequest): Promise<number | 'unknown' | 'absent'> {
  const head = await ask(request, { method: 'HEAD' })
  if (head === 'absent') return head
  const promised = head && promisedBytes(head, request.path)
  if (promised !== undefined) return promised
  const whole = await ask(request, { range: ALL_BYTES })
  if (whole === 'absent' || (whole === undefined && head === undefined)) return 'absent'
  return (whole && announcedBytes(whole)) ?? 'unknown'
}

async function ask(
  request: FileRequest,
  how: { readonly method: 'HEAD' } | { readonly range: string },
): Promise<Response | 'absent' | undefined> {
  try {
    const response = await sendRequest(request, how)
    await response.body?.cancel()
    return response
  } catch (error) {
    if (isEmbedderError(error)) return isEmbedderError(error, 'model-not-found') ? 'absent' : undefined
    throw error
  }
}
