import { defineConfig } from 'playwright/test'
import { findBrowser, launchArgs } from '../tools/browser.mjs'

const { executablePath } = await findBrowser()
const reportFile = process.env['NESTLING_TEST_REPORT']

/** They judge the time that something takes, so nothing may run beside them. */
const PERF = /\.perf\.spec\.ts$/

/** What users build and read: other tests may run beside it. */
const CONSUMERS = /(consumer-[a-z-]+|dist|docs|packages|readme)\.spec\.ts$/

export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'e2e', testMatch: '**/*.spec.ts', testIgnore: [CONSUMERS, PERF], outputDir: '../test-results/e2e' },
    { name: 'consumers', testMatch: CONSUMERS, outputDir: '../test-results/consumers' },
    { name: 'perf', testMatch: PERF, outputDir: '../test-results/perf' },
  ],
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
