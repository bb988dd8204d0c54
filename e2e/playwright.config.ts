import { defineConfig } from 'playwright/test'
import { findBrowser, launchArgs } from '../tools/browser.mjs'

const { executablePath } = await findBrowser()
const reportFile = process.env['NESTLING_TEST_REPORT']

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results/e2e',
  timeout: 120_000,
  // Models and WebGPU on the CPU fill a machine of two cores.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ...(reportFile === undefined ? [] : [['json', { outputFile: reportFile }] as const])],
  use: {
    headless: true,
    launchOptions: { executablePath, args: launchArgs({ webgpu: true }) },
  },
})
