import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import type { HubFile, HubRepo } from './hub-repo.ts'

/** One request that a server got. */
export interface HubRequest {
  readonly host: 'hub' | 'storage'
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly authorization: string | null
  readonly range: string | null
}

/** A hub and its storage, each with an origin of its own as in reality. */
export interface HubServer {
  readonly url: string
  /** Every request so far, preflights left out. */
  readonly requests: readonly HubRequest[]
  close(): Promise<void>
}

/** Where the repositories of broken servers are: `faults/NAME` answers for its weights as the fault says. */
const FAULT_OWNER = 'faults'

/** Milliseconds between pieces of a slow answer. */
const SLOW_MS = 20

/** Milliseconds until a connection breaks that will be resumed: a busy browser drops what a page has not read by then. */
const READ_MS = 500

const CORS = {
  'access-control-allow-origin': '*',
  // Storage allows it too, as a hostile host would: a browser that kept the header would be seen.
  'access-control-allow-headers': 'authorization, range',
  'access-control-expose-headers': 'ETag, Accept-Ranges, Content-Range, Retry-After',
}

/**
 * Starts an imitation of a model hub: `resolve` URLs, lists of files, private repositories, large files by a redirect to another origin with a
 * signature in the query, ranges, and a repository for each way to fail.
 *
 * `GET /-/requests` lists {@link HubServer.requests}, and `GET /-/open` says how many answers are being sent, for tests in a page.
 *
 * @param repos - Repositories by id; files of `faults/…` are served with the fault of that name.
 */
export async function startHubServer(repos: Readonly<Record<string, HubRepo>>): Promise<HubServer> {
  const hub = new Hub(repos)
  // Two names of one machine: two origins, and not the same site.
  const storage = await listen((request, response) => hub.onStorage(request, response))
  hub.storageUrl = `http://localhost:${portOf(storage)}`
  const front = await listen((request, response) => hub.onHub(request, response))
  return {
    url: `http://127.0.0.1:${portOf(front)}`,
    requests: hub.requests,
    close: async () => {
      await Promise.all([front, storage].map(close))
    },
  }
}

class Hub {
  readonly requests: HubRequest[] = []
  storageUrl = ''
  readonly #repos: Readonly<Record<string, HubRepo>>
  /** Requests by fault. */
  readonly #tries = new Map<string, number>()
  #open = 0

  constructor(repos: Readonly<Record<string, HubRepo>>) {
    this.#repos = repos
  }

  async onHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#answerOthers(request, response)) return
    const path = this.#record('hub', request)
    const listed = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(path)
    if (listed !== null) {
      this.#list(listed[1] ?? '', decodeURIComponent(listed[2] ?? ''), request, response)
      return
    }
    const found = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path)
    const [, id = '', revision = '', file = ''] = found ?? []
    const repo = this.#allowedRepo(id, request)
    if (repo === undefined) {
      end(response, 401)
      return
    }
    const content = repo.files[decodeURIComponent(file)]
    const [owner, name = ''] = id.split('/')
    if (owner === FAULT_OWNER && this.#answerStatusFault(name, path, response)) return
    const isRevision = decodeURIComponent(revision) === (repo.revision ?? 'main')
    if (content === undefined || !isRevision) end(response, 404)
    else if (file.endsWith('.safetensors')) {
      const location = `${this.storageUrl}/${id}/${file}?signature=${encodeURIComponent(STORAGE_SIGNATURE)}`
      response.writeHead(302, { ...CORS, location }).end()
    } else await this.#send(content, request, response)
  }

  /** The real hub does not tell a private repository from none. */
  #allowedRepo(id: string, { headers }: IncomingMessage): HubRepo | undefined {
    const repo = Object.hasOwn(this.#repos, id) ? this.#repos[id] : undefined
    const isAllowed = repo?.token === undefined || headers.authorization === `Bearer ${repo.token}`
    return isAllowed ? repo : undefined
  }

  /** Lists the files with their sizes; those of sub-folders only where `recursive` is asked for. */
  #list(id: string, revision: string, request: IncomingMessage, response: ServerResponse): void {
    const repo = this.#allowedRepo(id, request)
    if (repo === undefined || revision !== (repo.revision ?? 'main')) {
      end(response, repo === undefined ? 401 : 404)
      return
    }
    const isDeep = new URL(request.url ?? '', this.storageUrl).searchParams.get('recursive') === 'true'
    const files = Object.entries(repo.files).filter(([path]) => isDeep || !path.includes('/'))
    const listed = files.map(([path, { sizeBytes }]) => ({ type: 'file', path, size: sizeBytes }))
    response.writeHead(200, { ...CORS, 'content-type': 'application/json' }).end(JSON.stringify(listed))
  }

  async onStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#answerOthers(request, response)) return
    const path = this.#record('storage', request)
    const query = new URL(request.url ?? '', this.storageUrl).searchParams
    const [, owner, name = '', file = ''] = path.split('/')
    const content = this.#repos[`${owner}/${name}`]?.files[file]
    if (query.get('signature') !== STORAGE_SIGNATURE || content === undefined) end(response, 403)
    else if (owner === FAULT_OWNER) await this.#sendWithFault(name, content, request, response)
    else await this.#send(content, request, response)
  }

  #record(host: HubRequest['host'], request: IncomingMessage): string {
    const path = (request.url ?? '').replace(/\?.*$/, '')
    const { authorization = null, range = null } = request.headers
    this.requests.push({ host, method: request.method ?? '', path, authorization, range })
    return path
  }

  #answerOthers(request: IncomingMessage, response: ServerResponse): boolean {
    const answers: Record<string, unknown> = { '/-/requests': this.requests, '/-/open': this.#open }
    if (request.method === 'OPTIONS') response.writeHead(204, CORS).end()
    else if (Object.hasOwn(answers, request.url ?? '')) {
      response.writeHead(200, { ...CORS, 'cache-control': 'no-store' }).end(JSON.stringify(answers[request.url ?? '']))
    } else return false
    return true
  }

  /** Faults of the hub itself, for every file. */
  #answerStatusFault(fault: string, path: string, response: ServerResponse): boolean {
    const tries = (this.#tries.get(fault) ?? 0) + 1
    this.#tries.set(fault, tries)
    if (/^\d{3}$/.test(fault)) end(response, Number(fault))
    else if (fault === '500-twice' && tries <= 2) end(response, 500)
    else if (fault === '429-seconds') end(response, 429, { 'retry-after': '7' })
    else if (fault === '429-date') end(response, 429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })
    else if (fault === 'html') {
      response.writeHead(200, { ...CORS, 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Home')
    } else if (fault === 'self') {
      response.writeHead(302, { ...CORS, location: path }).end()
    } else return false
    return true
  }

  /** Faults of the storage, for the weights. */
  async #sendWithFault(
    fault: string,
    content: HubFile,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const tries = this.requests.filter(
      ({ host, path }) => host === 'storage' && path.startsWith(`/faults/${fault}/`),
    ).length
    const isFirst = tries === 1
    const headers = { ...CORS, 'cache-control': 'no-store' }
    const half = Math.floor(content.sizeBytes / 2)
    const breakOff = async (more: Record<string, string>, delayMs = READ_MS): Promise<void> => {
      response.writeHead(200, { ...headers, 'content-length': String(content.sizeBytes), ...more })
      for await (const piece of content.read(0, half)) response.write(piece)
      setTimeout(() => request.socket.destroy(), delayMs)
    }
    const stall = async (): Promise<void> => {
      response.writeHead(200, { ...headers, ...resumable, 'content-length': String(content.sizeBytes) })
      for await (const piece of content.read(0, half)) response.write(piece)
    }
    const resumable = { etag: content.etag, 'accept-ranges': 'bytes' }
    if (fault.startsWith('head-') && request.method === 'HEAD') end(response, Number(fault.slice(5)))
    else if (fault === 'gzip')
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(await all(content)))
    else if (fault === 'gzip-length') {
      // To a page of another origin the encoding is not exposed, so that it sees a length and not what it is the length of.
      const body = gzipSync(await all(content))
      response
        .writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': String(body.length) })
        .end(body)
    } else if (fault === 'no-length') response.writeHead(200, headers).end(await all(content))
    else if (fault === 'short') {
      response
        .writeHead(200, { ...headers, 'content-length': String(half) })
        .end((await all(content)).subarray(0, half))
    } else if (fault === 'broken') await breakOff(resumable, SLOW_MS)
    else if (fault === 'broken-once' && isFirst) await breakOff(resumable)
    else if (fault === 'stalled' || (fault.startsWith('stalled-') && isFirst)) await stall()
    else if (fault === 'silent' || (fault === 'stalled-twice' && tries === 2)) return
    else if (fault === 'changed' && isFirst) await breakOff({ ...resumable, etag: '"of an older version"' })
    else if (fault === 'no-ranges' && isFirst) await breakOff({ etag: content.etag })
    else if (fault === 'slow') await this.#send({ ...content, read: slowly(content) }, request, response)
    else await this.#send(content, request, response)
  }

  async #send(content: HubFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { sizeBytes, etag, type = 'application/octet-stream' } = content
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = start > 0 ? { 'content-range': `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` } : {}
    response.writeHead(start > 0 ? 206 : 200, {
      ...CORS,
      ...range,
      'content-type': type,
      'content-length': String(sizeBytes - start),
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      etag,
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    this.#open++
    response.once('close', () => this.#open--)
    await pipeline(Readable.from(content.read(start, sizeBytes)), response)
  }
}

/** What makes a redirect to storage valid, as a signed URL does. */
const STORAGE_SIGNATURE = 'signed'

function slowly(content: HubFile): HubFile['read'] {
  return async function* (start, end) {
    for (let offset = start; offset < end; offset += 1000) {
      yield* content.read(offset, Math.min(offset + 1000, end))
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
    }
  }
}

async function all(content: HubFile): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of content.read(0, content.sizeBytes)) pieces.push(piece)
  return Buffer.concat(pieces)
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...CORS, ...headers }).end()
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy())
  })
  // All addresses: `localhost` may be either of two.
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}
