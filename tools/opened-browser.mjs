import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { playwright } from '@vitest/browser-playwright'

/** @typedef {import('vitest/node').BrowserProvider} BrowserProvider */

/**
 * Makes what vitest starts an installed browser with. Its server is the one of all of vitest's own providers.
 *
 * @param {readonly string[]} command
 * @returns {import('vitest/node').BrowserProviderOption}
 */
export function openedBrowser(command) {
  return { ...playwright(), name: 'opened', providerFactory: () => new OpenedBrowser(command) }
}

/** @implements {BrowserProvider} */
class OpenedBrowser {
  name = 'opened'
  supportsParallelism = false
  /** @type {Map<import('node:child_process').ChildProcess, string>} */
  #processes = new Map()
  #command

  /** @param {readonly string[]} command */
  constructor(command) {
    this.#command = command
  }

  getCommandsContext() {
    return {}
  }

  /**
   * @param {string} _sessionId
   * @param {string} url
   */
  openPage(_sessionId, url) {
    const [file = '', ...args] = this.#command
    const home = mkdtempSync(join(tmpdir(), 'nestling-browser-'))
    const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home }
    // A group of its own: a browser is many processes, and all of them have to end.
    const child = spawn(file, [...args, url], { cwd: home, env, stdio: 'ignore', detached: true })
    this.#processes.set(child, home)
    return Promise.resolve()
  }

  async close() {
    for (const [child, home] of this.#processes) {
      await endGroup(child)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    }
    this.#processes.clear()
  }
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<void>} */
function endGroup(child) {
  return new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null) {
      resolve()
      return
    }
    child.once('exit', () => {
      resolve()
    })
    process.kill(-child.pid, 'SIGTERM')
  })
}
