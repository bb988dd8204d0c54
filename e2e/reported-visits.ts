import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openBrowser } from '../tools/open-browser.mjs'
import { answering, createFileHandler } from '../tools/serve.mjs'
import type { PageResult, Visit } from './consumer-visits.ts'

const TIMEOUT_MS = 60_000
/** A report of a violation is sent on its own, so it may come after the result. */
const REPORT_MS = 2000

/** Where the page lies that visits the site's page and tells of it. */
const VISITOR = '/-'

/**
 * Nothing may be asked of another origin, and who tries is reported. The rest is what the consumers' own pages need: an import map is an
 * inline script.
 */
const POLICY = `default-src 'self' blob: data:; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; report-uri ${VISITOR}/violations`

/** Two visits by a browser that nothing drives. */
export interface ReportedVisits {
  /** Address of the page. */
  readonly url: string
  readonly first: Visit
  readonly second: Visit
  /** Whether the browser compiles relaxed SIMD. */
  readonly hasRelaxedSimd: boolean
}

/** What the visitor's page sends after each visit. */
interface VisitorReport {
  readonly result: PageResult
  readonly hasRelaxedSimd: boolean
}

/**
 * Opens a site's page twice in a browser without a driver. A page around it reads what it shows and tells the server, which sees every
 * request to itself; a policy lets none go anywhere else and has attempts reported, which WebKit does not do in workers. The page around it
 * tries both: another name of the same server.
 *
 * @param command - How the browser is started, without an address.
 * @param site - Folder that is served.
 * @returns What the visits showed.
 * @throws {Error} If two results do not come within a minute, or the browser does not hold the policy.
 */
export async function visitTwice(command: readonly string[], site: string): Promise<ReportedVisits> {
  const server = new VisitServer(site)
  const url = await server.start()
  const browser = openBrowser(command, `${url}${VISITOR}/`)
  try {
    await server.done
    return server.visits(url)
  } finally {
    await browser.close()
    await server.close()
  }
}

class VisitServer {
  /** Paths that were asked for before the first result, after it, and after the second one. */
  readonly #paths: string[][] = [[], [], []]
  readonly #reports: VisitorReport[] = []
  /** Origins whose requests the policy has stopped. */
  readonly #stopped = new Set<string>()
  /** Addresses by another name than that of the site. */
  readonly #reached: string[] = []
  readonly #answerFile
  readonly #server
  #onDone: (() => void) | undefined
  /** Settles when there is nothing more to come. */
  readonly done: Promise<void>

  constructor(site: string) {
    const visitor = join(import.meta.dirname, 'fixtures/visitor')
    this.#answerFile = createFileHandler({
      roots: { [VISITOR]: visitor, '': site },
      isolated: false,
      headers: { 'Content-Security-Policy': POLICY },
    })
    const answer = answering(async (request, response) => {
      if (await this.#answer(request)) response.writeHead(204).end()
      else await this.#answerFile(request, response)
    })
    this.#server = createServer((request, response) => void answer(request, response))
    this.done = new Promise((resolve, reject) => {
      this.#onDone = () => setTimeout(resolve, REPORT_MS)
      setTimeout(() => {
        reject(new Error(`${this.#reports.length} of 2 results came: ${JSON.stringify(this.#reports)}`))
      }, TIMEOUT_MS).unref()
    })
  }

  async start(): Promise<string> {
    // All addresses: `localhost` may be either of two, and 127.0.0.1 is another origin.
    await new Promise<void>((resolve) => this.#server.listen(0, resolve))
    const address = this.#server.address()
    return `http://localhost:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  visits(url: string): ReportedVisits {
    const tried = url.replace('localhost', '127.0.0.1')
    if (!this.#stopped.has(tried) || this.#reached.length > 0) {
      throw new Error(`The browser does not hold the policy: ${this.#reached.join(', ')} was reached`)
    }
    const others = [...this.#stopped].filter((origin) => origin !== tried)
    const requests = this.#paths.map((paths) => paths.map((path) => url + path))
    const [first, second] = this.#reports
    return {
      url: `${url}/`,
      hasRelaxedSimd: first?.hasRelaxedSimd ?? false,
      first: { result: first?.result ?? {}, requests: requests[0] ?? [], errors: [] },
      second: { result: second?.result ?? {}, requests: [...(requests[1] ?? []), ...others], errors: [] },
    }
  }

  /** Reads what the browser tells; `false` where it asks for a file. */
  async #answer(request: IncomingMessage): Promise<boolean> {
    const path = request.url ?? ''
    if (request.method !== 'POST') {
      const { host = '' } = request.headers
      if (host.startsWith('localhost:')) this.#paths[this.#reports.length]?.push(path)
      else this.#reached.push(host + path)
      return false
    }
    const body = JSON.parse(await text(request)) as VisitorReport | CspReport
    if ('csp-report' in body) this.#stopped.add(originOf(body['csp-report']['blocked-uri']))
    else this.#reports.push(body)
    if (this.#reports.length === 2) this.#onDone?.()
    return true
  }
}

/** What a browser sends to the policy's `report-uri`. */
interface CspReport {
  readonly 'csp-report': { readonly 'blocked-uri': string }
}

/** Some browsers name only the origin; what is no address, such as `inline`, is left as it is. */
function originOf(blocked: string): string {
  return URL.canParse(blocked) ? new URL(blocked).origin : blocked
}
