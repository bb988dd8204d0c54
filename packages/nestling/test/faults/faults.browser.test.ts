import { load } from 'nestling'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { FaultBench, type CellResult, type FaultModel } from './fault-bench.js'
import { BULK, TEXTS } from './fault-cell.js'
import { FAULT_CELLS } from './fault-cells.js'

declare module 'vitest' {
  interface TaskMeta {
    faultCell?: { readonly fault: string; readonly device: string; readonly result: CellResult | undefined }
  }
  interface ProvidedContext {
    /** Whether the slow lanes run too. */
    runsAll: boolean
  }
}

const NETWORK = '/fixtures/bert-mean-normalize'
/** On SwiftShader a network takes 10 s to load, a table 3 s; the keeper does not know the difference. */
const TABLE = '/fixtures/static-normalize'
const CELL_TIMEOUT_MS = 240_000

async function prepare(device: FaultModel['device'], url: string): Promise<FaultModel> {
  const embedder = await load(url, { device, workers: 1 })
  const { data } = await embedder.encode(TEXTS)
  const bulkExpected = device === 'wasm' ? (await embedder.encode(BULK)).data : new Float32Array(0)
  const tokenCounts = await embedder.countTokens(TEXTS)
  // One token more than the longest of the others, so that it shares their batch.
  const poisonTokens = Math.max(...tokenCounts) + 1
  const specialTokens = (await embedder.countTokens('a')) - 1
  const poison = 'a '.repeat(poisonTokens - specialTokens)
  expect(await embedder.countTokens(poison)).toBe(poisonTokens)
  await embedder.dispose()
  return { device, url, expected: data, bulkExpected, tokenCounts, poison, poisonTokens }
}

describe.each(['wasm', 'webgpu'] as const)('a fault on %s', (device) => {
  let model: FaultModel
  beforeAll(async () => {
    model = await prepare(device, device === 'wasm' ? NETWORK : TABLE)
  })

  const cells = FAULT_CELLS.filter(({ devices }) => devices?.includes(device) !== false)
  it.for(cells)('$name: every call settles as it must', { timeout: CELL_TIMEOUT_MS }, async (cell, { task, skip }) => {
    if (cell.isSlowOnGpu === true && device === 'webgpu' && !inject('runsAll')) {
      task.meta.faultCell = { fault: cell.name, device, result: undefined }
      skip('takes minutes on SwiftShader; pnpm test:faults and npm run test:all run it')
    }
    const used = cell.needsNetwork === true && device === 'webgpu' ? await prepare(device, NETWORK) : model
    const result = await new FaultBench(cell, used).run()
    task.meta.faultCell = { fault: cell.name, device, result }
    expect(result.lost).toEqual([])
    expect(result.hung).toBe(0)
  })
})
