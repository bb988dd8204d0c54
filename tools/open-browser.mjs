import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/**
 * @typedef {object} OpenBrowser A browser that shows a page, in a profile of its own.
 * @property {() => Promise<void>} close Ends it and deletes its profile.
 */

/**
 * Starts an installed browser without a driver.
 *
 * @param {readonly string[]} command The command without the page's address.
 * @param {string} url
 * @returns {OpenBrowser}
 */
export function openBrowser(command, url) {
  const [file = '', ...args] = command
  const home = mkdtempSync(join(tmpdir(), 'nestling-browser-'))
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home }
  // A group of its own: a browser is many processes, and all of them have to end.
  const child = spawn(file, [...args, url], { cwd: home, env, stdio: 'ignore', detached: true })
  return {
    close: async () => {
      await endGroup(child)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function endGroup(child) {
  if (child.pid === undefined || child.exitCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGTERM')
  await ended
}
