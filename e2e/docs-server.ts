import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { BrowserContext } from 'playwright'
import { createServer, type Plugin } from 'vite'
import type { Example } from '../tools/docs/examples.ts'
import { EXAMPLES as PAGE, givenNames, toRunnable } from '../tools/docs/runnable-example.ts'
import { createFileHandler } from '../tools/serve.mjs'

const ROOT = join(import.meta.dirname, '..')
const NESTLING = join(ROOT, 'packages/nestling/dist')
const MINILM = join(ROOT, 'packages/minilm-l6/model')

const execute = promisify(execFile)

/** An example as the page imports it. */
export interface ServedExample {
  readonly url: string
  /** What it says that it prints, by its line. */
  readonly prints: ReadonlyMap<number, string>
}

/** A development server of a project that has installed what the docs name. */
export interface DocsServer {
  readonly url: string
  /** Tells how a page gets an example. */
  serve(example: Example): ServedExample
  close(): Promise<void>
}

/**
 * Serves a page, the examples and what they ask of their own site: notes, and nestling's files as the docs say to copy them.
 */
export async function startDocsServer(): Promise<DocsServer> {
  const given = givenNames()
  const codes = new Map<string, string>()
  const copied = mkdtempSync(join(tmpdir(), 'nestling-docs-'))
  const command = [
    join(ROOT, 'packages/nestling/bin/nestling.js'),
    'copy-assets',
    copied,
    '--model',
    '@nestling/minilm-l6',
  ]
  await execute(process.execPath, command, { cwd: import.meta.dirname })
  const server = await createServer({
    configFile: false,
    root: PAGE,
    cacheDir: join(ROOT, 'node_modules/.vite/docs'),
    logLevel: 'warn',
    plugins: [moduleOf(codes), siteFiles(copied)],
    // All at the start: a package that is found later would load the page anew.
    optimizeDeps: { noDiscovery: true, include: ['ai', '@orama/orama'] },
    server: { port: 0, hmr: false, watch: null, fs: { allow: [ROOT] } },
  })
  await server.listen()
  const url = server.resolvedUrls?.local[0] ?? ''
  return {
    url,
    serve: ({ file, line, language, code }) => {
      const path = `/${file.replaceAll('/', '.')}.${line}.${language}`
      const { code: module, prints } = toRunnable(code, given)
      codes.set(path, module)
      return { url: path, prints }
    },
    close: async () => {
      await server.close()
      rmSync(copied, { recursive: true, force: true })
    },
  }
}

/** Examples are modules that no file holds, said to lie beside the page. */
function moduleOf(codes: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'docs-examples',
    enforce: 'pre',
    resolveId: (id) => (codes.has(id) ? PAGE + id : undefined),
    load: (id) => codes.get(id.slice(PAGE.length)),
  }
}

function siteFiles(copied: string): Plugin {
  const roots: Readonly<Record<string, string>> = {
    '/nestling': copied,
    '/assets/nestling': NESTLING,
    '/nestling-worker.js': join(NESTLING, 'worker.js'),
    '/notes.txt': join(import.meta.dirname, 'fixtures/readme/public/notes.txt'),
  }
  const answer = createFileHandler({ roots, isolated: false })
  return {
    name: 'docs-site-files',
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        const path = request.url ?? ''
        const isOurs = Object.keys(roots).some((root) => path === root || path.startsWith(`${root}/`))
        if (isOurs) void answer(request, response)
        else next()
      })
    },
  }
}

/**
 * Answers for the two other origins that examples name: a hub, which has the default model as `owner/name`, and a host of nestling's files.
 *
 * @param context - Where pages ask them.
 */
export async function answerOtherOrigins(context: BrowserContext): Promise<void> {
  await answerFrom(context, 'https://huggingface.co/owner/name/resolve/main/', MINILM)
  await answerFrom(context, 'https://cdn.example/nestling/', NESTLING)
}

function answerFrom(context: BrowserContext, prefix: string, folder: string): Promise<unknown> {
  const headers = { 'access-control-allow-origin': '*' }
  return context.route(`${prefix}**`, async (route) => {
    const path = join(folder, route.request().url().slice(prefix.length))
    // An optional file that is not there is a 404.
    await route.fulfill({ path, headers }).catch(() => route.fulfill({ status: 404, headers }))
  })
}
