import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { answering, createFileHandler, ISOLATION } from '../tools/serve.mjs'

const ROOT = join(import.meta.dirname, '..')

/** Bytes that are sent at once. */
const PIECE_BYTES = 65_536

/** One answer of the server. */
export interface Served {
  readonly path: string
  /** First byte that was asked for, of a request for the rest of a file. */
  readonly start: number | undefined
  readonly status: number
  /** Bytes of the body that were sent. */
  sentBytes: number
}

/** A server whose log is the witness of what was downloaded. */
export interface ModelServer {
  readonly url: string
  /** Every answer so far. */
  readonly log: Served[]
  /** How fast model files are sent, in bytes a second. */
  bytesPerSecond: number
  close(): Promise<void>
}

/** Folders of models by URL; their files are sent with ranges, entity tags and at a limited speed. */
const MODELS: Readonly<Record<string, string>> = {
  '/models/minilm/': join(ROOT, 'packages/minilm-l6/model'),
  '/models/tiny/': join(ROOT, 'packages/testing/fixtures/models/bert-mean-normalize'),
}

/**
 * Starts a server of the built examples, the packages, and models.
 *
 * @param port - Where; any free one by default.
 */
export async function startModelServer(port = 0): Promise<ModelServer> {
  const examples = readdirSync(join(ROOT, 'examples')).map((name) => [`/${name}`, join(ROOT, 'examples', name, 'dist')])
  const packages = ['nestling', 'minilm-l6'].map((name) => [`/packages/${name}`, join(ROOT, 'packages', name, 'dist')])
  const pages = ['/blank', join(import.meta.dirname, 'pages')]
  const answerFile = createFileHandler({
    roots: Object.fromEntries([...examples, ...packages, pages]) as Record<string, string>,
  })
  const log: Served[] = []
  const state = { url: '', log, bytesPerSecond: Infinity }
  const answer = answering(async (request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*/s, '')
    const file = modelFile(path)
    if (file === undefined) {
      const served = { path, start: undefined, status: 0, sentBytes: 0 }
      log.push(served)
      response.on('close', () => Object.assign(served, { status: response.statusCode }))
      await answerFile(request, response)
    } else {
      await answerModel({ request, response, path, file }, state)
    }
  })
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve))
  const address = server.address()
  const url = `http://localhost:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  return Object.assign(state, { url, close })
}

function modelFile(path: string): string | undefined {
  const prefix = Object.keys(MODELS).find((candidate) => path.startsWith(candidate))
  return prefix === undefined ? undefined : join(MODELS[prefix] ?? '', path.slice(prefix.length))
}

interface ModelRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly file: string
}

async function answerModel({ request, response, path, file }: ModelRequest, server: ModelServerState): Promise<void> {
  for (const [name, value] of Object.entries({ ...ISOLATION, 'Cache-Control': 'no-store' })) {
    response.setHeader(name, value)
  }
  const bytes = statSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file) : undefined
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  const start = range === undefined ? undefined : Number(range)
  const status = bytes === undefined ? 404 : start === undefined ? 200 : 206
  const served: Served = { path, start, status, sentBytes: 0 }
  server.log.push(served)
  if (bytes === undefined) {
    response.writeHead(404)
    response.end()
    return
  }
  const first = start ?? 0
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`
  response.writeHead(status, {
    'Accept-Ranges': 'bytes',
    'Content-Length': bytes.byteLength - first,
    'Content-Type': 'application/octet-stream',
    ETag: etag,
    ...(start === undefined ? {} : { 'Content-Range': `bytes ${first}-${bytes.byteLength - 1}/${bytes.byteLength}` }),
  })
  await sendSlowly(response, bytes.subarray(first), { server, served })
}

type ModelServerState = Pick<ModelServer, 'log' | 'bytesPerSecond'>

async function sendSlowly(
  response: ServerResponse,
  bytes: Uint8Array,
  { server, served }: { readonly server: ModelServerState; readonly served: Served },
): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength && !response.destroyed; offset += PIECE_BYTES) {
    const piece = bytes.subarray(offset, offset + PIECE_BYTES)
    const hasRoom = response.write(piece)
    served.sentBytes += piece.byteLength
    if (!hasRoom) await drained(response)
    const pauseMs = (piece.byteLength / server.bytesPerSecond) * 1000
    if (pauseMs > 1) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  response.end()
}

/** Waits until more may be written; a browser that went away takes no more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go)
      resolve()
    }
    response.on('drain', go).on('close', go)
  })
}
