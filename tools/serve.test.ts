import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, request, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { answering, createFileHandler, serve } from './serve.mjs'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nestling-serve-'))
  await mkdir(join(folder, 'site/sub'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'site/index.html'), '<p>index')
  await writeFile(join(folder, 'site/sub/index.html'), '<p>sub')
  for (const name of ['a.mjs', 'b.wasm', 'c.safetensors', 'd e.json', 'f.unknown']) {
    await writeFile(join(folder, 'site', name), name)
  }
  await symlink(join(folder, 'secret.txt'), join(folder, 'site/link.txt'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function start(
  options: { isolated?: boolean; port?: number; headers?: Record<string, string> } = {},
): Promise<{ url: string; port: number }> {
  const server = await serve({ roots: { '/site': join(folder, 'site') }, port: 0, ...options })
  onTestFinished(() => server.close())
  return server
}

/** Sends a path as it is; `fetch` would tidy it up. */
function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject).end()
  })
}

describe('serve()', () => {
  test.each([
    ['/site/', 'text/html; charset=utf-8', '<p>index'],
    ['/site/sub/?query', 'text/html; charset=utf-8', '<p>sub'],
    ['/site/a.mjs', 'text/javascript; charset=utf-8', 'a.mjs'],
    ['/site/b.wasm', 'application/wasm', 'b.wasm'],
    ['/site/c.safetensors', 'application/octet-stream', 'c.safetensors'],
    ['/site/d%20e.json', 'application/json; charset=utf-8', 'd e.json'],
    ['/site/f.unknown', 'application/octet-stream', 'f.unknown'],
  ])('%s is sent as %s', async (path, type, text) => {
    const { url } = await start()
    const response = await fetch(url + path)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect(await response.text()).toBe(text)
  })

  test.each([
    ['/site/../secret.txt', 400],
    ['/site/%2e%2e/secret.txt', 400],
    ['/site/..%2fsecret.txt', 400],
    ['/site/..\\secret.txt', 400],
    ['/site/%00', 400],
    ['/site/%zz', 400],
    ['//site/', 400],
    ['/site/link.txt', 404],
    ['/site/none.js', 404],
    ['/sitemap', 404],
    ['/other/', 404],
    ['/site/sub', 308],
  ])('%s is answered with %i', async (path, status) => {
    const { port } = await start()
    expect(await statusOf(port, path)).toBe(status)
  })

  test('isolates pages unless told otherwise', async () => {
    const isolated = await fetch((await start()).url)
    expect(isolated.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(isolated.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    const plain = await fetch(`${(await start({ isolated: false })).url}/site/`)
    expect(plain.headers.get('cross-origin-opener-policy')).toBeNull()
    expect(plain.headers.get('cross-origin-embedder-policy')).toBeNull()
  })

  test('sends the headers that it is given', async () => {
    const { url } = await start({ headers: { 'Content-Security-Policy': "default-src 'self'" } })
    for (const path of ['/site/', '/site/a.mjs', '/site/none.js']) {
      expect((await fetch(url + path)).headers.get('content-security-policy')).toBe("default-src 'self'")
    }
  })

  test('lists what it serves at the root', async () => {
    const response = await fetch((await start()).url)
    expect(await response.text()).toContain('<a href="/site/">site</a>')
  })

  test.each(['127.0.0.1', '::1'])('takes the next port where one is taken on %s', async (host) => {
    const other = createServer()
    const isListening = await new Promise<boolean>((resolve) => {
      other.once('error', () => {
        resolve(false)
      })
      other.listen(0, host, () => {
        resolve(true)
      })
    })
    onTestFinished(() => {
      other.close()
    })
    const address = other.address()
    if (!isListening || address === null || typeof address === 'string') return
    const { port } = await start({ port: address.port })
    expect(port).toBeGreaterThan(address.port)
  })

  test('answers HEAD without a body and nothing but GET and HEAD', async () => {
    const { url } = await start()
    const head = await fetch(`${url}/site/a.mjs`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
    expect((await fetch(`${url}/site/a.mjs`, { method: 'POST' })).status).toBe(405)
  })
})

/** Sends one request to a listener, and gives what was seen when its connection has ended. */
async function visit(listener: RequestListener): Promise<void> {
  const server = await new Promise<Server>((resolve) => {
    const created = createServer(listener).listen(0, '127.0.0.1', () => {
      resolve(created)
    })
  })
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  await new Promise<void>((resolve) => {
    request({ host: '127.0.0.1', port, path: '/site/c.safetensors' }, (response) => response.resume())
      .on('error', () => undefined)
      .on('close', resolve)
      .end()
  })
}

describe('a browser that goes away', () => {
  test.each(['before its file is found', 'while it is found'])('%s fails nothing', async (when) => {
    const answer = createFileHandler({ roots: { '/site': join(folder, 'site') } })
    let answered: Promise<void> | undefined
    await visit((incoming, response) => {
      if (when.startsWith('before')) response.destroy()
      answered = answer(incoming, response)
      response.destroy()
    })
    await expect(answered).resolves.toBeUndefined()
  })

  test('may be written to all the same', async () => {
    let answered: Promise<void> | undefined
    const answer = answering(async (_, response) => {
      response.writeHead(200, { 'Content-Length': 10 })
      response.write('12345')
      response.destroy()
      response.write('67890')
      await new Promise((resolve) => setTimeout(resolve, 10))
      throw new Error('nobody listens')
    })
    await visit((incoming, response) => {
      answered = answer(incoming, response)
    })
    await expect(answered).resolves.toBeUndefined()
  })
})
