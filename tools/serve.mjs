import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/** Headers that make a page cross-origin isolated. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** How many ports are tried after the wanted one. */
const PORT_ATTEMPTS = 50

/**
 * @typedef {object} FileHandlerOptions
 * @property {Readonly<Record<string, string>>} roots URL prefix (`/name`) to folder; a longer prefix wins.
 * @property {boolean} [isolated] Sends COOP and COEP, which WASM threads need; `true` by default.
 * @property {string} [cacheControl] What browsers may keep; `no-cache` by default.
 * @property {Readonly<Record<string, string>>} [headers] Sent with every answer, such as a content security policy.
 * @property {(path: string) => void} [onFile] Told of each file that is sent.
 */

/**
 * @typedef {object} Server
 * @property {string} url For example `http://localhost:4173`.
 * @property {number} port
 * @property {() => Promise<void>} close Ends it with every open connection.
 */

/**
 * Reads a URL's path as plain text, or says that nobody should ask for it.
 *
 * @param {string | undefined} url
 * @returns {string | undefined}
 */
function readPath(url) {
  const raw = (url ?? '/').split(/[?#]/, 1)[0] ?? '/'
  try {
    const path = decodeURIComponent(raw)
    const isStrange = path.includes('\0') || path.includes('\\') || path.startsWith('//')
    return isStrange || path.split('/').includes('..') ? undefined : path
  } catch {
    return undefined
  }
}

/**
 * Finds the file for a path; links that lead out of the folder are not followed.
 *
 * @param {Readonly<Record<string, string>>} roots
 * @param {string} path
 * @returns {Promise<{ file: string, size: number } | 'folder' | undefined>}
 */
async function findFile(roots, path) {
  const prefixes = Object.keys(roots).filter((prefix) => path === prefix || path.startsWith(`${prefix}/`))
  const prefix = prefixes.sort((a, b) => b.length - a.length)[0]
  if (prefix === undefined) return undefined
  try {
    const root = await realpath(resolve(roots[prefix] ?? ''))
    const wanted = await realpath(join(root, path.slice(prefix.length)))
    if (wanted !== root && !wanted.startsWith(root + sep)) return undefined
    if (!(await stat(wanted)).isDirectory()) return { file: wanted, size: (await stat(wanted)).size }
    if (!path.endsWith('/')) return 'folder'
    const index = join(wanted, 'index.html')
    return { file: index, size: (await stat(index)).size }
  } catch {
    return undefined
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} text
 */
function sendText(response, status, text) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}

/**
 * Makes a listener of something that answers. A browser may go away at any time: then whatever fails concerns nobody, and must not end
 * the server with all of its other visitors. An answer that fails while it is waited for ends its connection.
 *
 * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>} answer
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>} Never rejects.
 */
export function answering(answer) {
  return async (request, response) => {
    try {
      await answer(request, response)
    } catch (error) {
      if (!response.destroyed) console.error(error)
      response.destroy()
    }
  }
}

/**
 * Creates what answers requests with files.
 *
 * @param {FileHandlerOptions} options
 * @returns {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => Promise<void>} Never rejects.
 */
export function createFileHandler({ roots, isolated = true, cacheControl = 'no-cache', headers = {}, onFile }) {
  return answering(async (request, response) => {
    const all = {
      'Cache-Control': cacheControl,
      'X-Content-Type-Options': 'nosniff',
      ...(isolated ? ISOLATION : {}),
      ...headers,
    }
    for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendText(response, 405, 'Only GET and HEAD are answered')
      return
    }
    const path = readPath(request.url)
    if (path === undefined) {
      sendText(response, 400, 'The path of this address cannot be read')
      return
    }
    // Browsers ask for it unasked; a 404 would stand as an error in every page's console.
    if (path === '/favicon.ico') {
      response.writeHead(204)
      response.end()
      return
    }
    const found = await findFile(roots, path)
    if (found === 'folder') {
      response.writeHead(308, { Location: `${encodeURI(path)}/` })
      response.end()
    } else if (found === undefined) {
      sendText(response, 404, `No file at ${path}`)
    } else {
      onFile?.(path)
      const type = TYPES[extname(found.file).toLowerCase()] ?? 'application/octet-stream'
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': found.size })
      if (request.method === 'HEAD') response.end()
      else await pipeline(createReadStream(found.file), response)
    }
  })
}

/** @param {readonly string[]} prefixes */
function indexPage(prefixes) {
  const items = prefixes.map((prefix) => `<li><a href="${prefix}/">${prefix.slice(1)}</a></li>`).join('\n')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Examples</title>
<h1>Examples</h1>
<ul>
${items}
</ul>
</html>
`
}

/**
 * @param {import('node:http').RequestListener} listener
 * @param {string} host
 * @param {number} port
 * @returns {Promise<import('node:http').Server>}
 */
async function listen(listener, host, port) {
  const server = createServer(listener).listen(port, host)
  // Rejects with what the server complains of.
  await once(server, 'listening')
  return server
}

/** @param {import('node:http').Server} server */
function portOf(server) {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** @param {import('node:http').Server} server */
async function closeServer(server) {
  const closed = once(server.close(), 'close')
  server.closeAllConnections()
  await closed
}

/**
 * Listens on both addresses of `localhost`: a browser tries IPv6 first and would show another program's page there.
 *
 * @param {import('node:http').RequestListener} listener
 * @param {number} port
 * @returns {Promise<import('node:http').Server[]>}
 */
async function listenOnLocalhost(listener, port) {
  const first = await listen(listener, '127.0.0.1', port)
  try {
    return [first, await listen(listener, '::1', portOf(first))]
  } catch (error) {
    if (isPortTaken(error)) {
      await closeServer(first)
      throw error
    }
    return [first]
  }
}

/** @param {unknown} error */
function isPortTaken(error) {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}

/**
 * Serves folders on `localhost`, with a page at `/` that lists them unless `/` is one of them.
 *
 * @param {FileHandlerOptions & { port?: number }} options `port`: 4173 by default, 0 for any; the next free one where taken.
 * @returns {Promise<Server>}
 */
export async function serve({ roots, port = 4173, ...handling }) {
  const { isolated = true } = handling
  const prefixes = Object.keys(roots)
  const answer = createFileHandler({
    ...handling,
    roots: roots['/'] === undefined ? roots : { ...roots, '': roots['/'] },
  })
  /** @type {import('node:http').RequestListener} */
  const listener = (request, response) => {
    if (readPath(request.url) === '/' && roots['/'] === undefined) {
      for (const [name, value] of Object.entries(isolated ? ISOLATION : {})) response.setHeader(name, value)
      response.writeHead(200, { 'Content-Type': TYPES['.html'] })
      response.end(indexPage(prefixes))
    } else {
      void answer(request, response)
    }
  }
  for (let attempt = 0; ; attempt++) {
    const wanted = port === 0 ? 0 : port + attempt
    try {
      const servers = await listenOnLocalhost(listener, wanted)
      const actual = servers[0] === undefined ? 0 : portOf(servers[0])
      const close = async () => {
        await Promise.all(servers.map(closeServer))
      }
      return { url: `http://localhost:${actual}`, port: actual, close }
    } catch (error) {
      if (!isPortTaken(error) || attempt >= PORT_ATTEMPTS) throw error
    }
  }
}
