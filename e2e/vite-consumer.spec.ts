import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, type Page, type Request } from 'playwright/test'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)

let app: string
const servers: ChildProcess[] = []

/** Packs a package as for npm and gives the path of the archive. */
async function pack(name: string): Promise<string> {
  const pnpm = join(ROOT, 'node_modules/.bin/pnpm')
  const { stdout } = await run(pnpm, ['pack', '--json', '--pack-destination', app], {
    cwd: join(ROOT, 'packages', name),
  })
  return (JSON.parse(stdout) as { filename: string }).filename
}

test.beforeAll(async () => {
  test.setTimeout(300_000)
  app = mkdtempSync(join(tmpdir(), 'nestling-consumer-'))
  cpSync(join(ROOT, 'e2e/consumers/vite'), app, { recursive: true })
  const folder = 'bert-tiny-onnx'
  cpSync(join(ROOT, 'packages/testing/fixtures/onnx', folder), join(app, 'public', folder), { recursive: true })
  const [nestling, model] = [await pack('nestling'), await pack('minilm-l6')]
  const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as object
  const dependencies = { nestling: `file:${nestling}`, '@nestling/minilm-l6': `file:${model}` }
  const vite = JSON.parse(readFileSync(join(ROOT, 'node_modules/vite/package.json'), 'utf8')) as { version: string }
  const whole = { ...manifest, dependencies, devDependencies: { vite: vite.version } }
  writeFileSync(join(app, 'package.json'), JSON.stringify(whole))
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app })
})

test.afterAll(() => {
  for (const server of servers) server.kill()
  rmSync(app, { recursive: true, force: true })
})

/** Starts a script of the application and waits for the address that Vite prints. */
async function start(args: readonly string[]): Promise<string> {
  const server = spawn(process.execPath, [join(app, 'node_modules/vite/bin/vite.js'), ...args], { cwd: app })
  servers.push(server)
  let output = ''
  return new Promise((resolve, reject) => {
    server.on('exit', (code) => {
      reject(new Error(`vite ended with ${code}: ${output}`))
    })
    server.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    server.stdout.on('data', (chunk: Buffer) => {
      // Vite colours the port.
      output += chunk.toString().replace(/\u001b\[\d+m/g, '')
      const url = /http:\/\/localhost:\d+\//.exec(output)?.[0]
      if (url !== undefined) resolve(url)
    })
  })
}

/** Opens a page of the application and gives the paths that it and its workers asked for, all on its own server. */
async function open(page: Page, url: string, expected: RegExp): Promise<readonly string[]> {
  const requests: string[] = []
  const listen = (request: Request): number => requests.push(request.url())
  page.on('request', listen)
  await page.goto(url)
  await expect(page.locator('#app')).toHaveText(expected, { timeout: 60_000 })
  page.off('request', listen)
  const { origin } = new URL(url)
  expect(requests.filter((address) => !address.startsWith(origin) && !address.startsWith('blob:'))).toEqual([])
  return requests.map((address) => new URL(address).pathname)
}

async function expectVectors(page: Page, url: string): Promise<void> {
  const own = await open(page, url, /^2x384 0\.\d{4}$/)
  // Python, float32: .2682 between the two sentences.
  const app = page.locator('#app')
  expect(Math.abs(Number((await app.textContent())?.split(' ')[1]) - 0.2682)).toBeLessThan(0.01)
  // Those who do not use it do not load it.
  expect(own.filter((path) => /transformers|-dev\./.test(path))).toEqual([])
  // Kernels of 15 kB in place of a runtime of 14 MB.
  expect(own.filter((path) => path.endsWith('.wasm'))).toEqual([expect.stringMatching(/relaxed-simd[\w-]*\.wasm$/)])
  expect(own.filter((path) => /\bort[.-]/.test(path))).toEqual([])
  const onnx = await open(page, `${url}?engine=transformers`, /^2x32 -?[01]\.\d{4}$/)
  expect(onnx.filter((path) => /\/transformers[\w.-]*\.js$/.test(path))).toHaveLength(1)
  expect(onnx.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
}

test('the packed packages work in Vite with default settings, in development', async ({ page }) => {
  await expectVectors(page, await start(['--port', '0', '--strictPort']))
})

test('the packed packages work in Vite with default settings, built', async ({ page }) => {
  await run(process.execPath, [join(app, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: app })
  await expectVectors(page, await start(['preview', '--port', '0']))
})
