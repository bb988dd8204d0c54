import { playwright } from '@vitest/browser-playwright'
import { openBrowser } from './open-browser.mjs'

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
  /** @type {import('./open-browser.mjs').OpenBrowser[]} */
  #browsers = []
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
    this.#browsers.push(openBrowser(this.#command, url))
    return Promise.resolve()
  }

  async close() {
    for (const browser of this.#browsers.splice(0)) await browser.close()
  }
}
