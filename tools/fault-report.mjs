import process from 'node:process'

/** Fewer cells than that are a matrix with holes. */
const MIN_CELLS = 60

/** The tests whose cells these are: `pnpm test:faults` runs what this names. */
export const MATRIX = 'faults.browser.test.ts'

/**
 * @typedef {object} FaultCell What a test of the fault matrix found.
 * @property {string} fault
 * @property {string} device
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
    const bad = cell.hung > 0 ? `, ${cell.hung} hung` : cell.lost.length > 0 ? `, ${cell.lost.length} lost` : ''
    return `${cell.settled} of ${cell.calls}${bad}`
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
  /** @param {(cell: FaultCell) => number} of */
  const sum = (of) => cells.reduce((total, cell) => total + of(cell), 0)
  const totals = [sum(({ settled }) => settled), sum(({ hung }) => hung), sum(({ lost }) => lost.length)]
  return `${cells.length} cells, ${totals[0]} settled, ${totals[1]} hung, ${totals[2]} lost`
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
    const isWhole = tests.every((test) => test.result().state !== 'skipped')
    if (isWhole && cells.length < MIN_CELLS) {
      console.log(`The matrix must have at least ${MIN_CELLS} cells`)
      process.exitCode = 1
    }
  }
}
