import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { codeOf } from '@nestling/testing/outcome'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { DownloadProgress, type DownloadTotals } from './download-progress.js'
import { fetchFile } from './fetch-file.js'

const BODY = new Uint8Array(200_000).map((_, index) => index % 251)
let server: Server
let base: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '')
    const status = Number(path.slice(1))
    if (status >= 400) response.writeHead(status).end()
    else if (path === '/html')
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>')
    else if (path === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(BODY))
    else if (path === '/broken') {
      response.writeHead(200, { 'content-length': '200000' })
      response.write(BODY.subarray(0, 1000), () => request.socket.destroy())
    } else if (path === '/slow') {
      response.writeHead(200, { 'content-length': String(BODY.length) })
      for (let piece = 0; piece < 10; piece++) {
        setTimeout(() => response.write(BODY.subarray(piece * 20_000, (piece + 1) * 20_000)), piece * 250)
      }
    } else if (path.startsWith('/chunked')) {
      response.writeHead(200)
      response.write(BODY.subarray(0, 70_000))
      response.end(BODY.subarray(70_000))
    } else response.writeHead(200, { 'content-length': String(BODY.length) }).end(BODY)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
})

function fetchFrom(path: string, sizeBytes?: number): { bytes: Promise<Uint8Array>; seen: DownloadTotals[] } {
  const seen: DownloadTotals[] = []
  const progress = new DownloadProgress((totals) => seen.push(totals))
  progress.announce(['model.safetensors'])
  return { bytes: fetchFile({ path: 'model.safetensors', url: base + path, sizeBytes }, progress), seen }
}

describe('fetchFile()', () => {
  it.each([
    ['with a length', '/', undefined],
    ['with the length that is known', '/', BODY.length],
    ['without a length', '/chunked', undefined],
    ['compressed', '/gzip', undefined],
    ['compressed, with the length that is known', '/gzip', BODY.length],
  ])('reads a body %s and counts its bytes', async (_, path, sizeBytes) => {
    const { bytes, seen } = fetchFrom(path, sizeBytes)
    // toEqual() takes seconds for that many elements.
    expect(Buffer.compare(await bytes, BODY)).toBe(0)
    expect(seen.at(-1)).toEqual({ loadedBytes: BODY.length, totalBytes: BODY.length })
    const counts = seen.map(({ loadedBytes }) => loadedBytes)
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
  })

  it.each([
    ['/401', 'model-unauthorized'],
    ['/403', 'model-unauthorized'],
    ['/404', 'model-not-found'],
    ['/410', 'model-not-found'],
    ['/429', 'model-rate-limited'],
    ['/500', 'model-fetch-failed'],
    ['/html', 'model-not-found'],
    ['/broken', 'model-fetch-failed'],
  ])('tells by a code what went wrong: %s', async (path, code) => {
    expect(await codeOf(fetchFrom(path).bytes)).toBe(code)
  })

  it('refuses a body of another length than the known one', async () => {
    for (const sizeBytes of [BODY.length - 1, BODY.length + 1, 0]) {
      expect(await codeOf(fetchFrom('/', sizeBytes).bytes)).toBe('integrity-mismatch')
    }
  })

  it('tells when nobody answers', async () => {
    const progress = new DownloadProgress(() => undefined)
    expect(await codeOf(fetchFile({ path: 'x', url: 'http://127.0.0.1:1/' }, progress))).toBe('model-fetch-failed')
  })

  it('waits for a slow server while bytes come', async () => {
    // All of them take more than twice the longest silence.
    const request = { path: 'model.safetensors', url: `${base}/slow`, stallMs: 1000 }
    const bytes = await fetchFile(request, new DownloadProgress(() => undefined))
    expect(Buffer.compare(bytes, BODY)).toBe(0)
  })

  it('keeps the query of a URL, which may hold a secret, out of the error', async () => {
    const error = await fetchFrom('/404?signature=secret').bytes.catch((caught: unknown) => caught)
    expect(isEmbedderError(error)).toBe(true)
    expect(JSON.stringify(error) + String(error)).not.toContain('secret')
  })
})
