import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { createFileHandler, serve } from '../tools/serve.mjs'

const PACKAGES = join(import.meta.dirname, '../packages')
const SCRIPTS = "default-src 'self'; script-src 'self'"
const WASM = "'wasm-unsafe-eval'"

let folder: string
let roots: Record<string, string>

test.beforeAll(() => {
  // A strict policy allows no import map: imports of another package become paths.
  folder = mkdtempSync(join(tmpdir(), 'nestling-search-'))
  cpSync(join(PACKAGES, 'search/dist'), folder, { recursive: true })
  const entry = join(folder, 'index.js')
  const code = readFileSync(entry, 'utf8').replace(/from ?"nestling"/g, 'from "/packages/nestling/index.js"')
  writeFileSync(entry, code)
  roots = {
    '/packages/nestling': join(PACKAGES, 'nestling/dist'),
    '/packages/minilm-l6': join(PACKAGES, 'minilm-l6/dist'),
    '/packages/search': folder,
    '/blank': join(import.meta.dirname, 'pages'),
  }
})
test.afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Outcome {
  readonly code: string
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** Calls a function of a module in a page. */
function callInPage(page: Page, path: string, name: string, options: object): Promise<Outcome> {
  return page.evaluate(
    async ([from, called, given]) => {
      const at = (url: string): Promise<Record<string, (...args: unknown[]) => Promise<unknown>>> => import(url)
      const model = (await at('/packages/minilm-l6/index.js'))['minilmL6']
      // Only what JSON can say comes here.
      const { internal, ...options } = given as { internal?: object }
      const loaded = { ...options, [Symbol.for('nestling.internal')]: internal }
      const args = called === 'createIndex' ? [given] : called === 'isSupported' ? [] : [model, loaded]
      try {
        const result = (await (await at(from))[called]?.(...args)) as { dispose?: () => Promise<void> }
        if (result.dispose !== undefined) await result.dispose()
        return { code: 'none', message: '', details: called === 'isSupported' ? result : {} }
      } catch (error) {
        const { code, message, details } = error as Outcome
        return { code, message, details }
      }
    },
    [path, name, options] as const,
  )
}

const load = (page: Page, options: object = {}): Promise<Outcome> =>
  callInPage(page, '/packages/nestling/index.js', 'load', { device: 'wasm', ...options })
const createIndex = (page: Page): Promise<Outcome> => callInPage(page, '/packages/search/index.js', 'createIndex', {})

/** Opens an empty page with a policy; gives the files that are fetched from then on. */
async function openPage(
  page: Page,
  policy: string,
): Promise<{ files: string[]; url: string; close: () => Promise<void> }> {
  const files: string[] = []
  const headers = { 'Content-Security-Policy': policy }
  const { url, close } = await serve({ roots, isolated: false, headers, port: 0, onFile: (file) => files.push(file) })
  await page.goto(`${url}/blank/`)
  return { files, url, close }
}

test.describe("a page whose policy lacks 'wasm-unsafe-eval'", () => {
  for (const engine of ['auto', 'kernels', 'onnx', 'transformers']) {
    test(`fails before anything is fetched, on the engine ${engine}`, async ({ page }) => {
      const { files, close } = await openPage(page, SCRIPTS)
      const { code, message } = await load(page, { engine, assetBaseUrl: '/packages/nestling/' })
      expect(code).toBe('environment-unsupported')
      expect(message).toContain(`Add ${WASM} to script-src`)
      expect(files.filter((file) => /\.(wasm|mjs|safetensors)$|transformers|onnx|tokenizer/.test(file))).toEqual([])
      await close()
    })
  }

  test('is told by isSupported() and plan()', async ({ page }) => {
    const { close } = await openPage(page, SCRIPTS)
    const support = await callInPage(page, '/packages/nestling/index.js', 'isSupported', {})
    expect(support.details).toMatchObject({ supported: false })
    expect(JSON.stringify(support.details['reasons'])).toContain(`add ${WASM} to script-src`)
    const plan = await callInPage(page, '/packages/nestling/index.js', 'plan', {})
    expect(plan).toMatchObject({ code: 'environment-unsupported' })
    expect(plan.message).toContain(WASM)
    await close()
  })

  test('is told by createIndex()', async ({ page }) => {
    const { close } = await openPage(page, SCRIPTS)
    const { code, message } = await createIndex(page)
    expect(code).toBe('environment-unsupported')
    expect(message).toContain(`forbids WebAssembly\nAdd ${WASM} to script-src`)
    await close()
  })

  test('loads where it allows that, and where the policy is not sent with the worker', async ({ page }) => {
    const { close } = await openPage(page, `${SCRIPTS} ${WASM}`)
    expect(await load(page)).toMatchObject({ code: 'none' })
    expect(await createIndex(page)).toMatchObject({ code: 'none' })
    await close()
    const { url, close: closePlain } = await serve({ roots, isolated: false, port: 0 })
    await page.route('**/blank/', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': SCRIPTS } })
    })
    await page.goto(`${url}/blank/`)
    expect(await load(page)).toMatchObject({ code: 'none' })
    await closePlain()
  })
})

test('a browser without WebAssembly is told so, by every call', async ({ page }) => {
  await page.addInitScript(() => {
    // As iOS in its lockdown mode.
    delete (globalThis as { WebAssembly?: unknown }).WebAssembly
  })
  const { files, close } = await openPage(page, `${SCRIPTS} ${WASM}`)
  for (const name of ['load', 'plan']) {
    const { code, message } = await callInPage(page, '/packages/nestling/index.js', name, {})
    expect(code).toBe('environment-unsupported')
    expect(message).toContain('WebAssembly is not here: leave the lockdown mode')
  }
  const support = await callInPage(page, '/packages/nestling/index.js', 'isSupported', {})
  expect(support.details).toMatchObject({ supported: false })
  expect(files.filter((file) => /worker\.js|\.wasm|\.safetensors/.test(file))).toEqual([])
  await close()
})

test.describe('a policy that refuses the worker', () => {
  for (const [name, policy, directive] of [
    ['by worker-src', `${SCRIPTS} ${WASM}; worker-src 'none'`, 'worker-src'],
    ['by worker-src of another place', `${SCRIPTS} ${WASM}; worker-src https://cdn.test`, 'worker-src'],
  ] as const) {
    test(`${name} is named, with the URL`, async ({ page }) => {
      const { url, close } = await openPage(page, policy)
      const outcomes = [
        [await load(page), 'nestling/worker.js'],
        [await load(page, { workerUrl: '/packages/nestling/worker.js' }), 'nestling/worker.js'],
        [await createIndex(page), 'search/search-worker.js'],
      ] as const
      for (const [{ code, message, details }, file] of outcomes) {
        expect(code).toBe('environment-unsupported')
        expect(message).toContain(`content security policy refuses its script by ${directive}`)
        expect(details).toMatchObject({ reason: 'content-security-policy', url: `${url}/packages/${file}` })
      }
      await close()
    })
  }
})

test.describe('the URL of the worker beside the module', () => {
  /** Answers as a test wants where the worker is asked for, else with files. */
  async function serveWorker(
    answer: (response: ServerResponse, request: IncomingMessage) => void,
  ): Promise<{ url: string; close: () => Promise<void> }> {
    const files = createFileHandler({ roots, isolated: false })
    const server = createServer((request, response) => {
      if (request.url?.endsWith('worker.js') === true) answer(response, request)
      else void files(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
    return { url: `http://127.0.0.1:${port}`, close }
  }

  for (const [name, status, type, reason] of [
    ['is missing', 404, 'text/plain', 'missing'],
    ['is a page', 200, 'text/html', 'no-javascript'],
    ['is an error', 503, 'text/html', 'server-error'],
  ] as const) {
    test(`${name}: the error says so`, async ({ page }) => {
      const { url, close } = await serveWorker((response) => {
        response.writeHead(status, { 'Content-Type': type })
        response.end('<!doctype html>')
      })
      await page.goto(`${url}/blank/`)
      const expected = { reason, status, contentType: type }
      expect((await load(page)).details).toMatchObject({ ...expected, url: `${url}/packages/nestling/worker.js` })
      const { details, message } = await createIndex(page)
      expect(details).toMatchObject({ ...expected, url: `${url}/packages/search/search-worker.js` })
      expect(message).not.toContain('undefined')
      await close()
    })
  }

  test('cannot be fetched while the browser is offline: the error says so', async ({ page, context }) => {
    const { url, close } = await serveWorker((response) => {
      response.destroy()
    })
    await page.goto(`${url}/blank/`)
    expect((await load(page)).details).toMatchObject({ reason: 'unreachable' })
    await context.setOffline(true)
    // What explains it is there by now.
    expect((await load(page)).details).toMatchObject({ reason: 'offline' })
    await context.setOffline(false)
    await page.goto(`${url}/blank/`)
    await page.evaluate((path) => import(path), '/packages/nestling/index.js')
    await page.evaluate((path) => import(path), '/packages/minilm-l6/index.js')
    await context.setOffline(true)
    const { message } = await load(page)
    expect(message).toContain('could not be loaded while the browser is offline')
    expect(message).toContain(`${url}/packages/nestling/`)
    await close()
  })

  test('that comes slowly is waited for, as long as bytes come', async ({ page }) => {
    const bytes = readFileSync(join(PACKAGES, 'nestling/dist/worker.js'))
    const { url, close } = await serveWorker((response) => {
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Content-Length': bytes.byteLength })
      const part = Math.ceil(bytes.byteLength / 20)
      let sent = 0
      const timer = setInterval(() => {
        response.write(bytes.subarray(sent, (sent += part)))
        if (sent < bytes.byteLength) return
        clearInterval(timer)
        response.end()
      }, 250)
    })
    await page.goto(`${url}/blank/`)
    // Ten times what is borne in silence here.
    expect(await load(page, { internal: { limits: { helloMs: 500 } } })).toMatchObject({ code: 'none' })
    await close()
  })

  test('that never comes ends the load', async ({ page }) => {
    const { url, close } = await serveWorker(() => undefined)
    await page.goto(`${url}/blank/`)
    const { code, details, message } = await load(page, { internal: { limits: { helloMs: 500 } } })
    expect(code).toBe('worker-unresponsive')
    expect(details).toMatchObject({ reason: 'stalled', url: `${url}/packages/nestling/worker.js` })
    expect(message).toContain('the server has stopped sending')
    await close()
  })
})
