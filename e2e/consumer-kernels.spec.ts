import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import { startAppServer } from './app-server.ts'
import { createConsumerApp, installedVersion, pack } from './consumer-app.ts'
import { expectConsumer, visit } from './consumer-visits.ts'
import { VITE } from './vite-server.ts'

const version = installedVersion('vite')

test('an application of nestling/kernels and the search publishes no onnxruntime, and works', async ({ page }) => {
  test.setTimeout(300_000)
  const search = `file:${await pack('search')}`
  const app = await createConsumerApp('vite-kernels', { vite: version, '@nestling/search': search })
  try {
    await app.run(VITE, 'build')
    const dist = join(app.folder, 'dist')
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => /ort|onnx|transformers|\.mjs$/.test(file))).toEqual([])
    // Two kernels builds for each kind of memory, and nothing else.
    expect(files.filter((file) => file.endsWith('.wasm'))).toHaveLength(4)
    const server = await startAppServer(app, { script: VITE, args: (port) => ['preview', '--port', port] })
    try {
      const name = `Vite ${version}, built, nestling/kernels and search`
      await expectConsumer(page, { name, url: server.url, dist })
      expect((await visit(page, `${server.url}?find`)).result).toEqual({ found: 'key', engine: 'kernels' })
      const { result } = await visit(page, `${server.url}?engine=onnx`)
      expect(result.failed).toBe('TypeError')
      expect(result.message).toContain('Import load from nestling, which brings onnxruntime-web, or give assetBaseUrl')
    } finally {
      server.close()
    }
  } finally {
    app.dispose()
  }
})
