import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'playwright/test'
import type { OtherBrowser } from '../tools/other-browsers.mjs'
import { expectVisits } from './consumer-visits.ts'
import { visitTwice } from './reported-visits.ts'

const execute = promisify(execFile)

/**
 * Says why nothing runs in a browser.
 *
 * @returns The reason; `undefined` where it is installed.
 */
export function notInstalled({ packages, find }: OtherBrowser): string | undefined {
  return find() === undefined ? `not run: ${packages} is not installed` : undefined
}

/**
 * Visits a site twice in an installed browser and expects of it what is expected of Chromium. Prints the row of the support matrix.
 *
 * @param name - What the row is called, without the browser.
 * @param site - The site's folder.
 */
export async function expectOtherBrowser(browser: OtherBrowser, name: string, site: string): Promise<void> {
  const command = browser.find() ?? []
  const version = await versionOf(command)
  const { url, first, second, hasRelaxedSimd } = await visitTwice(command, site)
  // WebGPU is not taken on a software adapter; of the two builds of the kernels, the one that the browser knows.
  expect(first.result).toMatchObject({ engine: 'kernels', runtime: hasRelaxedSimd ? 'relaxed-simd' : 'simd' })
  const weights = first.requests.filter((address) => address.includes('.safetensors'))
  expect(weights.length).toBeGreaterThan(0)
  expect(weights).toEqual([...new Set(weights)])
  expectVisits({ name: `${name}, ${version}`, url, dist: site }, first, second)
}

/** Such as `Firefox 153.8.0esr` or `WebKitGTK 2.50.6`. */
async function versionOf([file = '', ...args]: readonly string[]): Promise<string> {
  // A browser that wants a profile's folder finds an empty one.
  const cwd = mkdtempSync(join(tmpdir(), 'nestling-browser-'))
  const { stdout } = await execute(file, [...args, '--version'], { cwd })
  rmSync(cwd, { recursive: true })
  return stdout.trim().replace(/^Mozilla /, '')
}
