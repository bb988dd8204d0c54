import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fixturePath, readGolden } from '@nestling/testing/disk'
import { vi } from 'vitest'
import { describeParity } from '../parity.contract.js'

// Each folder is loaded into a thread of its own.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const models = readdirSync(dirname(fixturePath('x', ''))).filter((model) =>
  existsSync(fixturePath(model, 'golden.json')),
)

describeParity([
  {
    name: 'Node',
    options: { device: 'wasm', engine: 'kernels' },
    tolerance: 1e-5,
    models,
    dimsEncoded: 9,
    folders: {
      pathOf: (model) => fixturePath(model, '').replace(/\/$/, ''),
      readGolden: (model) => Promise.resolve(readGolden(model)),
    },
  },
])
