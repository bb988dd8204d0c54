import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TestCase, TestModule } from 'vitest/node'
import FaultReport, { faultTable, faultTotals, MATRIX } from './fault-report.mjs'

const CELLS = [
  { fault: 'crash', device: 'wasm', calls: 2, settled: 2, hung: 0, lost: [] },
  { fault: 'crash', device: 'webgpu', calls: 3, settled: 2, hung: 1, lost: [] },
  { fault: 'device destroyed', device: 'webgpu', calls: 1, settled: 1, hung: 0, lost: ['vectors that differ by 1'] },
]

describe('the fault matrix', () => {
  it('shows what hung and what was lost', () => {
    expect(faultTable(CELLS)).toBe(
      [
        'fault             wasm              webgpu',
        'crash             2 of 2            2 of 3, 1 hung',
        'device destroyed  cannot happen     1 of 1, 1 lost',
      ].join('\n'),
    )
    expect(faultTotals(CELLS)).toBe('3 cells, 5 settled, 1 hung, 1 lost')
  })
})

describe('the report of a run', () => {
  const lines: string[] = []
  const { exitCode } = process
  beforeEach(() => {
    lines.length = 0
    process.exitCode = 0
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  })
  afterEach(() => {
    process.exitCode = exitCode
    vi.restoreAllMocks()
  })

  /** A module of tests, each with the cell that it noted. */
  const moduleOf = (file: string, cells: readonly object[]): TestModule => {
    const tests = cells.map((faultCell) => {
      return { meta: () => ({ faultCell }), result: () => ({ state: 'passed' }) } as unknown as TestCase
    })
    return { moduleId: `/x/${file}`, children: { allTests: () => tests } } as unknown as TestModule
  }

  it('fails where the matrix noted no cell, or too few', () => {
    for (const cells of [[], CELLS]) {
      process.exitCode = 0
      new FaultReport().onTestRunEnd([moduleOf(MATRIX, cells)])
      expect(lines.at(-1)).toBe('The matrix must have at least 60 cells')
      expect(process.exitCode).toBe(1)
    }
  })

  it('prints a whole matrix, and nothing of other tests', () => {
    new FaultReport().onTestRunEnd([moduleOf('other.browser.test.ts', [])])
    expect(lines).toEqual([])
    new FaultReport().onTestRunEnd([moduleOf(MATRIX, new Array<object>(60).fill(CELLS[0] as object))])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/60 cells, 120 settled, 0 hung, 0 lost$/)
    expect(process.exitCode).toBe(0)
  })
})
