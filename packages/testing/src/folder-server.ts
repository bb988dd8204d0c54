import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/** Ways in which hosts of files answer. */
export interface FolderHabits {
  /** Answer for what is not there; S3 and CloudFront give 403, Supabase 400, servers of single-page applications `page`. */
  readonly absent?: number | 'page' | 'page-as-file' | undefined
  /** Answer to `HEAD`; 200 when left out. */
  readonly head?: number | undefined
  /** Files that are refused with 403, although they are there. */
  readonly refused?: readonly string[] | undefined
  /** How lengths are told: not at all (`chunked`), or of a compressed body. */
  readonly length?: 'chunked' | 'gzip' | 'gzip-chunked' | undefined
  /** Status of every answer. */
  readonly all?: number | undefined
}

/** A server of one folder. */
export interface FolderServer {
  /** URL of the folder. */
  readonly url: string
  /** Method and path of every request so far, with the range where one was asked for. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

const PAGE = '\n<!DOCTYPE html>\n<html lang="en"><head><title>Home</title></head><body></body></html>\n'

/**
 * Starts a server of files with the habits of a real one.
 *
 * @param files - Bytes by path.
 * @param habits - How it answers.
 * @returns The server; other origins may read all it sends.
 */
export async function startFolderServer(
  files: ReadonlyMap<string, Uint8Array>,
  habits: FolderHabits = {},
): Promise<FolderServer> {
  const requests: string[] = []
  const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/\?.*/, '')).replace(/^\/m\//, '')
    const { range } = request.headers
    requests.push(`${request.method ?? ''} ${path}${range === undefined ? '' : ` ${range}`}`)
    const bytes = files.get(path)
    const refusal = refusalOf(path, request.method === 'HEAD', bytes !== undefined, habits)
    if (typeof refusal === 'number') response.writeHead(refusal, { ...cors, 'content-type': 'application/xml' }).end()
    else if (refusal !== undefined) {
      const type = refusal === 'page' ? 'text/html; charset=utf-8' : 'application/octet-stream'
      response.writeHead(200, { ...cors, 'content-type': type }).end(PAGE)
    } else {
      const { headers, body } = bodyOf(bytes ?? new Uint8Array(), range !== undefined, habits)
      // Node adds a length to a body of one piece unless its headers were sent before.
      response.writeHead(200, { ...cors, 'content-type': 'application/octet-stream', ...headers })
      response.flushHeaders()
      response.end(request.method === 'HEAD' ? undefined : body)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/m/`,
    requests,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function refusalOf(
  path: string,
  isHead: boolean,
  isThere: boolean,
  { absent = 404, head, refused = [], all }: FolderHabits,
): FolderHabits['absent'] {
  if (all !== undefined) return all
  if (refused.includes(path)) return 403
  if (isHead && head !== undefined) return head
  return isThere ? undefined : absent
}

function bodyOf(
  bytes: Uint8Array,
  isRange: boolean,
  { length }: FolderHabits,
): { readonly headers: Record<string, string>; readonly body: Uint8Array } {
  // Browsers ask for ranges uncompressed.
  const isCompressed = length?.startsWith('gzip') === true && !isRange
  const body = isCompressed ? gzipSync(bytes) : bytes
  const isTold = length === undefined || length === 'gzip' || (isRange && length === 'gzip-chunked')
  return {
    headers: {
      ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
      ...(isTold ? { 'content-length': String(body.byteLength) } : {}),
    },
    body,
  }
}
