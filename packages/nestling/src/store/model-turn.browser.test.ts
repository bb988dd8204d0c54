import { describe, expect, it } from 'vitest'
import { modelLockName, withModelLock } from './model-lock.js'
import { takeTurn, type TurnTotals } from './model-turn.js'

const never = (): void => {
  throw new Error('Nobody should have been waited for')
}

describe('takeTurn()', () => {
  it('lets one at a time read and write a model, and tells the others how far it is', async () => {
    const first = await takeTurn('a', { onWait: never })
    first?.tell({ loadedBytes: 10, totalBytes: 100 })
    const heard: TurnTotals[] = []
    let hasTurn = false
    const waiting = takeTurn('a', { onWait: (totals) => heard.push(totals) }).then((turn) => {
      hasTurn = true
      return turn
    })
    // What came before it asked, it is told too.
    await expect.poll(() => heard).toEqual([{ loadedBytes: 10, totalBytes: 100 }])
    await new Promise((resolve) => setTimeout(resolve, 120))
    first?.tell({ loadedBytes: 60, totalBytes: 100 })
    await expect.poll(() => heard.at(-1)?.loadedBytes).toBe(60)
    expect(hasTurn).toBe(false)
    first?.end()
    const second = await waiting
    expect(second).toBeDefined()
    let isDeleted = false
    const deleting = withModelLock('a', () => {
      isDeleted = true
      return Promise.resolve()
    })
    const other = await takeTurn('b', { onWait: never })
    expect(isDeleted).toBe(false)
    other?.end()
    second?.end()
    await deleting
  })

  it('does not wait for an owner that is silent, and leaves no lock behind', async () => {
    let release: () => void = never
    await new Promise<void>((held) => {
      void navigator.locks.request(modelLockName('c'), () => {
        held()
        return new Promise<void>((resolve) => (release = resolve))
      })
    })
    expect(await takeTurn('c', { onWait: never, silenceMs: 200 })).toBeUndefined()
    release()
    const turn = await takeTurn('c', { onWait: never, silenceMs: 1000 })
    expect(turn).toBeDefined()
    turn?.end()
  })

  it('goes to the next when its owner dies', async () => {
    const script = `navigator.locks.request(${JSON.stringify(modelLockName('d'))}, () => {
      postMessage('owner')
      return new Promise(() => undefined)
    })`
    const worker = new Worker(URL.createObjectURL(new Blob([script])))
    await new Promise((resolve) => {
      worker.onmessage = resolve
    })
    let hasTurn = false
    const waiting = takeTurn('d', { onWait: never }).then((turn) => {
      hasTurn = true
      return turn
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(hasTurn).toBe(false)
    worker.terminate()
    ;(await waiting)?.end()
    expect(hasTurn).toBe(true)
  })
})
