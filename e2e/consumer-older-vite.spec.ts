import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import { startAppServer, type AppServer } from './app-server.ts'
import { createConsumerApp, pack, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer, visit } from './consumer-visits.ts'
import { VITE } from './vite-server.ts'

/** Their dependency optimiser copies modules and leaves behind what lies beside them; that of Vite 8 has the names follow. */
const VERSIONS = ['7.3.8', '6.4.6']

/** A library between the application and nestling: it is copied, together with what it imports. */
const LIBRARY = "export { load } from 'nestling'\nexport { createIndex } from '@nestling/search'\n"

const EXCLUDE = "optimizeDeps: { exclude: ['nestling', '@nestling/minilm-l6', '@nestling/search'] }"

for (const version of VERSIONS) {
  test.describe(`Vite ${version}`, () => {
    let app: ConsumerApp
    let server: AppServer | undefined

    test.beforeAll(async () => {
      test.setTimeout(300_000)
      app = await createConsumerApp('vite', { vite: version, '@nestling/search': `file:${await pack('search')}` })
      const library = join(app.folder, 'node_modules/library')
      mkdirSync(library)
      writeFileSync(join(library, 'index.js'), LIBRARY)
      writeFileSync(join(library, 'package.json'), '{"name":"library","type":"module","exports":"./index.js"}')
    })

    test.afterEach(() => {
      server?.close()
    })

    test.afterAll(() => {
      app.dispose()
    })

    test('the packed packages work in development', async ({ page }) => {
      server = await startVite(app)
      await expectConsumer(page, { name: `Vite ${version}, development`, url: server.url })
    })

    test('the packed packages work built', async ({ page }) => {
      await app.run(VITE, 'build')
      server = await startVite(app, 'preview')
      await expectConsumer(page, { name: `Vite ${version}, built`, url: server.url, dist: join(app.folder, 'dist') })
    })

    test('a library that uses them works in development, with the line that the error gives', async ({ page }) => {
      writePage(app, "import { createIndex, load } from 'library'")
      server = await startVite(app)
      const moved = await visit(page, `${server.url}found.html`, { hasErrors: true })
      expect(moved.result.failed).toMatch(/^(environment-unsupported|worker-crashed)$/)
      expect(moved.result.message).toContain(EXCLUDE)
      // A page that is open complains of the server's end.
      await page.goto('about:blank')
      server.close()
      writeFileSync(join(app.folder, 'vite.config.js'), `export default { ${EXCLUDE} }\n`)
      server = await startVite(app)
      const { result, requests } = await visit(page, `${server.url}found.html`)
      expect(result).toMatchObject({ found: 'key' })
      expect(requests.filter((url) => /\/deps\/library\.js/.test(url))).toHaveLength(1)
    })
  })
}

function startVite(app: ConsumerApp, ...args: readonly string[]): Promise<AppServer> {
  return startAppServer(app, { script: VITE, args: (port) => [...args, '--port', port, '--strictPort'] })
}

function writePage(app: ConsumerApp, imports: string): void {
  const code = `${imports}
import { minilmL6 } from '@nestling/minilm-l6'
import { showFound } from '../show-found.js'
await showFound(load, minilmL6, createIndex)
`
  writeFileSync(join(app.folder, 'src/found.js'), code)
  const html = join(app.folder, 'found.html')
  writeFileSync(html, '<!doctype html><div id="app"></div><script type="module" src="/src/found.js"></script>')
}
