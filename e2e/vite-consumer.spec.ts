import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, type Page } from 'playwright/test'

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

async function expectVectors(page: Page, url: string): Promise<void> {
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('blob:')) foreign.push(request.url())
  })
  await page.goto(url)
  const app = page.locator('#app')
  await expect(app).toHaveText(/^2x384 0\.\d{4}$/, { timeout: 60_000 })
  // Python, float32: .2682 between the two sentences.
  expect(Math.abs(Number((await app.textContent())?.split(' ')[1]) - 0.2682)).toBeLessThan(0.01)
  expect(foreign).toEqual([])
}

test('the packed packages work in Vite with default settings, in development', async ({ page }) => {
  await expectVectors(page, await start(['--port', '0', '--strictPort']))
})

test('the packed packages work in Vite with default settings, built', async ({ page }) => {
  await run(process.execPath, [join(app, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: app })
  await expectVectors(page, await start(['preview', '--port', '0']))
})
