import process from 'node:process'

/** Fewer cells than that are a matrix with holes. */
const MIN_CELLS = 60

/** The tests whose cells these are: `pnpm test:faults` runs what this names. */
export const MATRIX = 'faults.browser.test.ts'

/**
 * @typedef {object} FaultCell What a test of the fault matrix found.
 * @property {string} fault
 * @property {string} device
 * @property {CellResult | undefined} result None where the cell was left to the slow lanes.
 */

/**
 * @typedef {object} CellResult
 * @property {number} calls
 * @property {number} settled
 * @property {number} hung
 * @property {readonly string[]} lost
 */

/**
 * @param {import('vitest/node').TestCase} test
 * @returns {FaultCell | undefined}
 */
function cellOf(test) {
  return /** @type {{ faultCell?: FaultCell }} */ (test.meta()).faultCell
}

/**
 * Writes one row a fault and one column a device: calls that settled of those that were made.
 *
 * @param {readonly FaultCell[]} cells
 * @returns {string}
 */
export function faultTable(cells) {
  const devices = [...new Set(cells.map(({ device }) => device))]
  const faults = [...new Set(cells.map(({ fault }) => fault))]
  const width = Math.max(5, ...faults.map(({ length }) => length))
  /** @param {string} fault @param {string} device */
  const show = (fault, device) => {
    const cell = cells.find((candidate) => candidate.fault === fault && candidate.device === device)
    if (cell === undefined) return 'cannot happen'
    if (cell.result === undefined) return 'not run here'
    const { calls, settled, hung, lost } = cell.result
    const bad = hung > 0 ? `, ${hung} hung` : lost.length > 0 ? `, ${lost.length} lost` : ''
    return `${settled} of ${calls}${bad}`
  }
  const head = ['fault'.padEnd(width), ...devices.map((device) => device.padEnd(16))].join('  ')
  const rows = faults.map((fault) =>
    [fault.padEnd(width), ...devices.map((device) => show(fault, device).padEnd(16))].join('  ').trimEnd(),
  )
  return [head.trimEnd(), ...rows].join('\n')
}

/**
 * Adds the cells up.
 *
 * @param {readonly FaultCell[]} cells
 * @returns {string}
 */
export function faultTotals(cells) {
  const results = cells.flatMap(({ result }) => result ?? [])
  /** @param {(cell: CellResult) => number} of */
  const sum = (of) => results.reduce((total, result) => total + of(result), 0)
  const totals = [sum(({ settled }) => settled), sum(({ hung }) => hung), sum(({ lost }) => lost.length)]
  const left = cells.length - results.length
  const rest = left === 0 ? '' : `; ${left} cells not run here: pnpm test:faults and npm run test:all run them`
  return `${results.length} cells, ${totals[0]} settled, ${totals[1]} hung, ${totals[2]} lost${rest}`
}

/** Prints the fault matrix, if its tests were among those that ran. */
export default class FaultReport {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const cells = tests.flatMap((test) => cellOf(test) ?? [])
    const isMatrix = modules.some(({ moduleId }) => moduleId.endsWith(MATRIX))
    if (!isMatrix) return
    console.log(`\nFault matrix: calls that settled as they must\n\n${faultTable(cells)}\n\n${faultTotals(cells)}`)
    const isWhole = tests.every((test) => test.result().state !== 'skipped' || cellOf(test) !== undefined)
    if (isWhole && cells.length < MIN_CELLS) {
      console.log(`The matrix must have at least ${MIN_CELLS} cells`)
      process.exitCode = 1
    }
  }
}
