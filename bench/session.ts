import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import type { Browser, Page } from 'playwright'
import { KillableBrowser } from '../tools/killable-browser.js'
import { serve } from '../tools/serve.mjs'
import { BUNDLES } from './bundle-page.js'
import { PEER_RUNTIME } from './environment.js'
import type { PageUrls } from './page/contenders.js'

const ROOT = join(import.meta.dirname, '..')

/** What a session serves, and how. */
export interface SessionOptions {
  /** Whether pages are cross-origin isolated. */
  readonly isolated: boolean
  /** Folder of `all-MiniLM-L6-v2` as transformers.js reads it. */
  readonly peer: string
}

/** Room for the peer's model in float32, which the default would not keep. */
const SWITCHES = [
  '--disk-cache-size=2000000000',
  // Pages are measured although nobody looks at them.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  // Linux has WebGPU behind a switch; without a GPU it gives a fallback adapter at best, which is not taken.
  '--enable-unsafe-webgpu',
]

interface SessionParts {
  readonly killable: KillableBrowser
  /** Folder of the profile. */
  readonly profile: string
  /** Ends the server. */
  close(): Promise<void>
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** A browser with a new profile, and a server of all that is measured. Files may be kept by the HTTP cache for ever. */
export class BenchSession {
  readonly browser: Browser
  readonly url: string
  /** Paths that were sent since they were last taken. */
  readonly #sent: string[]
  readonly #parts: SessionParts

  /** The browser is a process group of its own, which would go on alone. */
  readonly #onSignal = (): void => {
    void this.close().finally(() => process.exit(1))
  }

  private constructor(url: string, sent: string[], parts: SessionParts) {
    this.browser = parts.killable.browser
    this.url = url
    this.#sent = sent
    this.#parts = parts
  }

  /**
   * Starts both.
   *
   * @param options - What is served.
   * @returns The session; close it.
   */
  static async start({ isolated, peer }: SessionOptions): Promise<BenchSession> {
    const sent: string[] = []
    const server = await serve({
      roots: { ...SERVED, [PEER_PATH]: peer },
      isolated,
      port: 0,
      cacheControl: 'public, max-age=31536000, immutable',
      onFile: (path) => sent.push(path),
    })
    const profile = mkdtempSync(join(tmpdir(), 'nestling-bench-'))
    const killable = await KillableBrowser.start(profile, SWITCHES)
    const session = new BenchSession(server.url, sent, { killable, profile, close: () => server.close() })
    for (const signal of SIGNALS) process.once(signal, session.#onSignal)
    return session
  }

  /** Where a page of the session finds everything. */
  get urls(): PageUrls {
    const { url } = this
    return {
      nestling: `${url}/packages/nestling/index.js`,
      model: `${url}/packages/minilm-l6/index.js`,
      peerWorker: `${url}/bundle/peer-worker.js`,
      peerWasm: `${url}/peer-runtime/`,
      host: `${url}/`,
      floatModel: existsSync(FLOAT_MODEL) ? `${url}${FLOAT_PATH}/` : undefined,
    }
  }

  /** Opens the benchmark's page in a tab of its own. */
  async open(): Promise<Page> {
    const [context] = this.browser.contexts()
    if (context === undefined) throw new Error('the browser has no profile')
    const page = await context.newPage()
    page.setDefaultTimeout(0)
    await page.goto(`${this.url}/page/`)
    return page
  }

  /** Takes the paths that were sent since the last time. */
  takeSent(): string[] {
    return this.#sent.splice(0)
  }

  /** Ends browser and server, and deletes the profile. */
  async close(): Promise<void> {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal)
    await this.#parts.killable.kill()
    await this.#parts.close()
    rmSync(this.#parts.profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

const PEER_PATH = '/peers/all-MiniLM-L6-v2'

/** The default model before its weights were rounded to int8: in float32 it gives the right vectors. */
const FLOAT_MODEL = join(ROOT, '../shared/models/minilm-l6-nested')
const FLOAT_PATH = '/models/minilm-l6-nested'

const SERVED = {
  [FLOAT_PATH]: FLOAT_MODEL,
  '/packages/nestling': join(ROOT, 'packages/nestling/dist'),
  '/packages/minilm-l6': join(ROOT, 'packages/minilm-l6/dist'),
  '/peer-runtime': join(PEER_RUNTIME, 'dist'),
  '/page': join(import.meta.dirname, 'page'),
  '/bundle': BUNDLES,
}

/**
 * Finds the file that a session sent.
 *
 * @param path - A path of {@link BenchSession.takeSent}.
 * @param peer - Folder of the peer's model.
 */
export function fileOf(path: string, peer: string): string {
  const roots: Readonly<Record<string, string>> = { ...SERVED, [PEER_PATH]: peer }
  const prefix = Object.keys(roots).find((candidate) => path.startsWith(`${candidate}/`))
  if (prefix === undefined) throw new Error(`nothing is served at ${dirname(path)}`)
  return join(roots[prefix] ?? '', path.slice(prefix.length))
}

/**
 * Calls a function of the page's bundle.
 *
 * @param page - A page of a session.
 * @param name - An export of `page/compare.ts`.
 * @param args - What it gets; as JSON.
 * @returns What it gives.
 */
export function callPage<F extends keyof PageFunctions>(
  page: Page,
  name: F,
  ...args: Parameters<PageFunctions[F]>
): Promise<Awaited<ReturnType<PageFunctions[F]>>> {
  const call = `import('/bundle/compare.js').then((page) => page.${name}(...${JSON.stringify(args)}))`
  return page.evaluate<Awaited<ReturnType<PageFunctions[F]>>>(call)
}

type PageFunctions = typeof import('./page/compare.js')
