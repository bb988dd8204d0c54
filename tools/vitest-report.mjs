import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import process from 'node:process'
import { ROOT } from './run-command.mjs'

/**
 * @typedef {object} TestRecord One test of any runner.
 * @property {string} title File and names of suites and test.
 * @property {'passed' | 'failed' | 'skipped'} state
 * @property {number} durationMs
 * @property {string} note Why it was skipped, or how it failed.
 */

/** @param {readonly { message: string }[]} errors */
function describeErrors(errors) {
  return errors.map((error) => error.message).join('\n')
}

/** @param {import('vitest/node').TestCase} test @returns {TestRecord} */
function recordTest(test) {
  const { state, errors = [], ...rest } = test.result()
  const note = 'note' in rest ? rest.note : undefined
  return {
    title: `${relative(ROOT, test.module.moduleId)} > ${test.fullName}`,
    // A test that is still pending when the run ends never gave a verdict.
    state: state === 'pending' ? 'failed' : state,
    durationMs: test.diagnostic()?.duration ?? 0,
    note: state === 'pending' ? 'it did not end' : (note ?? describeErrors(errors)),
  }
}

/** @param {import('vitest/node').TestModule} module @returns {TestRecord[]} */
function recordModule(module) {
  const title = relative(ROOT, module.moduleId)
  const tests = [...module.children.allTests()].map(recordTest)
  const errors = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())]
  if (errors.length > 0) return [...tests, { title, state: 'failed', durationMs: 0, note: describeErrors(errors) }]
  if (tests.length > 0) return tests
  return [{ title, state: 'failed', durationMs: 0, note: 'the file has no test' }]
}

/**
 * Writes what a run of vitest found as a list of {@link TestRecord}. Vitest's own JSON drops why a test was skipped, what
 * failed outside of a test, and files without one. `NESTLING_TEST_REPORT` names the file.
 */
export default class VitestReport {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { message: string }[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.NESTLING_TEST_REPORT
    if (file === undefined) return
    const outside = unhandledErrors.map((error) => {
      return { title: 'outside of any test', state: 'failed', durationMs: 0, note: error.message }
    })
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify([...modules.flatMap(recordModule), ...outside], undefined, 2))
  }
}
