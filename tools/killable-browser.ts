import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { chromium, type Browser, type Page } from 'playwright'
import { findBrowser, launchArgs } from './browser.mjs'

const START_LIMIT_MS = 20_000

/** A browser of its own process group and profile, which may be ended without a warning. Its pages are not incognito. */
export class KillableBrowser {
  /** The browser as Playwright sees it. */
  readonly browser: Browser
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, browser: Browser) {
    this.#process = child
    this.browser = browser
  }

  /**
   * Starts it.
   *
   * @param profile - Folder of the profile, which outlives it.
   * @param switches - More switches of its command line.
   */
  static async start(profile: string, switches: readonly string[] = []): Promise<KillableBrowser> {
    const portFile = join(profile, 'DevToolsActivePort')
    rmSync(portFile, { force: true })
    const args = ['--headless=new', `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank']
    const { executablePath } = await findBrowser()
    const child = spawn(executablePath, [...launchArgs(), ...switches, ...args], { stdio: 'ignore', detached: true })
    const endpoint = await waitForEndpoint(portFile)
    return new KillableBrowser(child, await chromium.connectOverCDP(endpoint))
  }

  /** Opens a page of the profile. */
  newPage(): Promise<Page> {
    const [context] = this.browser.contexts()
    if (context === undefined) throw new Error('the browser has no profile')
    return context.newPage()
  }

  /** Ends all of its processes at once, as a power cut does to programs. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL')
    await ended
    await this.browser.close().catch(() => undefined)
  }
}

async function waitForEndpoint(portFile: string): Promise<string> {
  const deadline = Date.now() + START_LIMIT_MS
  for (;;) {
    try {
      const [port, path] = readFileSync(portFile, 'utf8').split('\n')
      if (port !== undefined && path !== undefined && path !== '') return `ws://127.0.0.1:${port}${path}`
    } catch {
      // Not yet.
    }
    if (Date.now() > deadline) throw new Error('the browser did not start')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
