import { constants, createReadStream } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** Bytes that are read at a time. */
const READ_BYTES = 2 ** 20

/** What a server would say of a file that cannot be read, and the reason in words; else it is tried again. */
const ANSWERS: Readonly<Record<string, ResponseInit>> = {
  ENOENT: { status: 404, statusText: 'there is no such file' },
  ENOTDIR: { status: 404, statusText: 'there is no such file' },
  EISDIR: { status: 404, statusText: 'it is a folder' },
  EACCES: { status: 403, statusText: 'it may not be read' },
  EPERM: { status: 403, statusText: 'it may not be read' },
}

/** Asks for a URL, as `fetch` does, also for that of a file of this machine. */
export function fetchUrl(url: string, init: RequestInit): Promise<Response> {
  return url.startsWith('file:') ? readFile(url, init) : fetch(url, init)
}

async function readFile(url: string, { method, signal }: RequestInit): Promise<Response> {
  try {
    const path = fileURLToPath(url)
    const about = await stat(path)
    if (about.isDirectory()) return new Response(null, ANSWERS['EISDIR'])
    const headers = { 'content-length': String(about.size) }
    if (method === 'HEAD') return new Response(null, { headers })
    // Not the event `open` of the stream, which that of a package manager's archive does not have.
    await access(path, constants.R_OK)
    const stream = createReadStream(path, { highWaterMark: READ_BYTES, signal })
    return new Response(Readable.toWeb(stream) as ReadableStream, { headers })
  } catch (error) {
    const { code = 'Error' } = error as NodeJS.ErrnoException
    return new Response(null, ANSWERS[code] ?? { status: 500, statusText: `it cannot be read (${code})` })
  }
}
