import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import { startAppServer } from './app-server.ts'
import { createConsumerApp, installedVersion, pack } from './consumer-app.ts'
import { expectConsumer, visit } from './consumer-visits.ts'
import { VITE } from './vite-server.ts'

const version = installedVersion('vite')

const pathsOf = (requests: readonly string[]): readonly string[] => requests.map((url) => new URL(url).pathname)

test('an application of nestling/onnx and the search has every engine, and loads what it uses', async ({ page }) => {
  test.setTimeout(300_000)
  const search = `file:${await pack('search')}`
  const app = await createConsumerApp('vite-onnx', { vite: version, '@nestling/search': search })
  try {
    const folder = 'bert-tiny-onnx'
    const fixture = join(import.meta.dirname, '../packages/testing/fixtures/onnx', folder)
    cpSync(fixture, join(app.folder, 'public', folder), { recursive: true })
    await app.run(VITE, 'build')
    const dist = join(app.folder, 'dist')
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    // For WASM and for WebGPU, of our onnxruntime-web, and for WASM of that of transformers.js, beside four kernels.
    expect(files.filter((file) => file.endsWith('.wasm'))).toHaveLength(7)
    const server = await startAppServer(app, { script: VITE, args: (port) => ['preview', '--port', port] })
    try {
      const name = `Vite ${version}, built, nestling/onnx and search`
      const { requests } = await expectConsumer(page, { name, url: server.url, dist })
      expect(pathsOf(requests).filter((path) => /onnx|transformers|\.mjs$/.test(path))).toEqual([])
      expect((await visit(page, `${server.url}?find`)).result).toEqual({ found: 'key', engine: 'kernels' })
      const onnx = await visit(page, `${server.url}?engine=onnx&device=wasm`)
      expect(onnx.result).toMatchObject({ engine: 'onnx', runtime: 'wasm', shape: [2, 384] })
      const transformers = await visit(page, `${server.url}?engine=transformers`)
      expect(transformers.result).toMatchObject({ engine: 'transformers', shape: [2, 32] })
      const paths = pathsOf(transformers.requests)
      expect(paths.filter((path) => /\/transformers[\w.-]*\.js$/.test(path))).toHaveLength(1)
      expect(paths.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
    } finally {
      server.close()
    }
  } finally {
    app.dispose()
  }
})
