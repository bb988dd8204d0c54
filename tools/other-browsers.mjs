import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/**
 * @typedef {object} OtherBrowser A browser that the stores are tested in where it is installed: it needs no driver, as vitest only has to
 * open a page.
 * @property {'firefox' | 'webkit'} name
 * @property {string} packages What to install, in words.
 * @property {() => readonly string[] | undefined} find The command without the page's address; `undefined` where it is not installed.
 */

/** @type {readonly OtherBrowser[]} */
export const OTHER_BROWSERS = [
  {
    name: 'firefox',
    packages: 'firefox-esr',
    find: () => {
      const firefox = findCommand('firefox-esr') ?? findCommand('firefox')
      return firefox === undefined
        ? undefined
        : [firefox, '--headless', '--no-remote', '--profile', '.', '--new-window']
    },
  },
  {
    name: 'webkit',
    packages: 'webkit2gtk-driver (with xvfb)',
    find: () => {
      const browser = findMiniBrowser()
      const display = findCommand('xvfb-run')
      return browser === undefined || display === undefined ? undefined : [display, '--auto-servernum', browser]
    },
  },
]

/** @param {string} name */
function findCommand(name) {
  const folders = process.platform === 'win32' ? [] : (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** WebKitGTK's own small browser, which Debian keeps beside the library. */
function findMiniBrowser() {
  const libraries = '/usr/lib'
  if (process.platform !== 'linux' || !existsSync(libraries)) return undefined
  const folders = readdirSync(libraries).flatMap((folder) => {
    return ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'].map((version) => join(libraries, folder, version))
  })
  return folders.map((folder) => join(folder, 'MiniBrowser')).find((path) => existsSync(path))
}
