import { minilmL6 } from '@nestling/minilm-l6'
import { load } from 'nestling'
import { expect, it } from 'vitest'

it('@nestling/minilm-l6 is verified within its budget on WASM', async () => {
  // A verdict that is remembered takes no time.
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase('nestling')
    for (const end of ['success', 'error', 'blocked']) request.addEventListener(end, resolve)
  })
  const embedder = await load(minilmL6, { device: 'wasm', cache: { weights: 'off' } })
  const { verification, loadMs } = embedder.report
  await embedder.dispose()
  expect(verification).toMatchObject({ verified: true, source: 'golden', isRemembered: false })
  expect(verification.durationMs).toBeLessThanOrEqual(Math.max(300, 0.15 * loadMs))
})
