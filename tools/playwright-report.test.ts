import type { JSONReport, JSONReportSpec, JSONReportTest } from 'playwright/types/testReporter'
import { expect, test } from 'vitest'
import { recordPlaywrightReport } from './playwright-report.mjs'

function specOf(title: string, status: JSONReportTest['status'], extra: object = {}): JSONReportSpec {
  const results = [{ duration: 7, errors: status === 'unexpected' ? [{ message: 'broken' }] : [] }]
  return { title, tests: [{ status, results, annotations: [], ...extra }] } as unknown as JSONReportSpec
}

test('recordPlaywrightReport() flattens suites and keeps reasons and errors', () => {
  const skip = { annotations: [{ type: 'skip', description: 'no GPU' }], results: [] }
  const inner = { title: 'inner', specs: [specOf('fails', 'unexpected'), specOf('flaky', 'flaky')] }
  const suite = {
    title: 'a.spec.ts',
    specs: [specOf('works', 'expected'), specOf('skips', 'skipped', skip)],
    suites: [inner],
  }
  const report = { suites: [suite], errors: [{ message: 'no config' }] } as unknown as JSONReport
  expect(recordPlaywrightReport(report)).toEqual([
    { title: 'a.spec.ts > works', state: 'passed', durationMs: 7, note: '' },
    { title: 'a.spec.ts > skips', state: 'skipped', durationMs: 0, note: 'no GPU' },
    { title: 'a.spec.ts > inner > fails', state: 'failed', durationMs: 7, note: 'broken' },
    { title: 'a.spec.ts > inner > flaky', state: 'failed', durationMs: 7, note: '' },
    { title: 'outside of any test', state: 'failed', durationMs: 0, note: 'no config' },
  ])
})
