/** @typedef {import('./vitest-report.mjs').TestRecord} TestRecord */

/**
 * @param {import('playwright/types/testReporter').JSONReportTest} test
 * @param {string} title
 * @returns {TestRecord}
 */
function recordTest(test, title) {
  const errors = test.results.flatMap((result) => result.errors.map((error) => error.message))
  const reasons = test.annotations.flatMap(({ description }) => description ?? [])
  const isSkipped = test.status === 'skipped'
  return {
    title,
    // A flaky test passed at a second try; there is none here, so it counts as what it is.
    state: isSkipped ? 'skipped' : test.status === 'expected' ? 'passed' : 'failed',
    durationMs: Math.max(0, ...test.results.map(({ duration }) => duration)),
    note: (isSkipped ? reasons : errors).join('\n'),
  }
}

/**
 * @param {import('playwright/types/testReporter').JSONReportSuite} suite
 * @param {string} parent
 * @returns {TestRecord[]}
 */
function recordSuite(suite, parent) {
  const title = parent === '' ? suite.title : `${parent} > ${suite.title}`
  const own = suite.specs.flatMap((spec) => spec.tests.map((test) => recordTest(test, `${title} > ${spec.title}`)))
  return [...own, ...(suite.suites ?? []).flatMap((inner) => recordSuite(inner, title))]
}

/**
 * Turns Playwright's JSON report into a flat list, with what failed outside of a test.
 *
 * @param {import('playwright/types/testReporter').JSONReport} report
 * @returns {TestRecord[]}
 */
export function recordPlaywrightReport(report) {
  /** @type {TestRecord[]} */
  const outside = report.errors.map(({ message = 'unknown error' }) => {
    return { title: 'outside of any test', state: 'failed', durationMs: 0, note: message }
  })
  return [...report.suites.flatMap((suite) => recordSuite(suite, '')), ...outside]
}
