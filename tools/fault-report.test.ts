import { describe, expect, it } from 'vitest'
import { faultTable, faultTotals } from './fault-report.mjs'

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
