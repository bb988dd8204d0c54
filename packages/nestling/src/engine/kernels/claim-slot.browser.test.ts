import { expect, it } from 'vitest'
import { claimSlot } from './claim-slot.js'

/** Holds the first slot of a memory until it ends. */
const HOLDER = `
onmessage = ({ data }) => {
  navigator.locks.request('nestling-scratch ' + data + ' 0', () => {
    postMessage('held')
    return new Promise(() => undefined)
  })
}`

const indexOf = async (memoryId: string): Promise<number> => {
  const { index, release } = await claimSlot(memoryId, 9)
  release()
  return index
}

it('gives each claim the first slot that is free, in each memory', async () => {
  const id = crypto.randomUUID()
  const slots = [await claimSlot(id, 3), await claimSlot(id, 3), await claimSlot(id, 3)]
  expect(slots.map(({ index }) => index)).toEqual([0, 1, 2])
  await expect(claimSlot(id, 3)).rejects.toMatchObject({ code: 'out-of-memory' })
  expect(await indexOf(crypto.randomUUID())).toBe(0)
  slots[1]?.release()
  await expect.poll(() => indexOf(id)).toBe(1)
})

it('gives the slot of a worker that has ended to the next', async () => {
  const id = crypto.randomUUID()
  const worker = new Worker(URL.createObjectURL(new Blob([HOLDER])))
  await new Promise((resolve) => {
    worker.onmessage = resolve
    worker.postMessage(id)
  })
  expect(await indexOf(id)).toBe(1)
  worker.terminate()
  await expect.poll(() => indexOf(id)).toBe(0)
})
