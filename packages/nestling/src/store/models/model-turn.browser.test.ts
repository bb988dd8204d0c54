import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { IdbStorage } from '../records/idb-storage.js'
import { MemoryStorage } from '../records/memory-storage.js'
import { modelLockName, takeTurn, tryTurn, withTurn, type TurnTotals } from './model-turn.js'
import { openDatabase } from '../records/open-database.js'

const never = (): void => {
  throw new Error('Nobody should have been waited for')
}

describe('takeTurn()', () => {
  it('lets one at a time read and write a model, and tells the others how far it is', async () => {
    const first = await takeTurn('a', { onWait: never })
    first?.tell({ loadedBytes: 10, totalBytes: 100 })
    const heard: (TurnTotals | undefined)[] = []
    let hasTurn = false
    const waiting = takeTurn('a', { onWait: (totals) => heard.push(totals) }).then((turn) => {
      hasTurn = true
      return turn
    })
    // What came before it asked, it is told too.
    await expect.poll(() => heard).toEqual([undefined, { loadedBytes: 10, totalBytes: 100 }])
    await new Promise((resolve) => setTimeout(resolve, 120))
    first?.tell({ loadedBytes: 60, totalBytes: 100 })
    await expect.poll(() => heard.at(-1)?.loadedBytes).toBe(60)
    expect(hasTurn).toBe(false)
    first?.end()
    const second = await waiting
    expect(second).toBeDefined()
    let isDeleted = false
    const storage = new IdbStorage(await openDatabase())
    const deleting = withTurn(storage, 'a', () => {
      isDeleted = true
      return Promise.resolve()
    })
    const other = await takeTurn('b', { onWait: never })
    expect(isDeleted).toBe(false)
    other?.end()
    second?.end()
    await deleting
    storage.close()
  })

  it('does not wait for an owner that is silent, and leaves no lock behind', async () => {
    let release: () => void = never
    await new Promise<void>((held) => {
      void navigator.locks.request(modelLockName('c'), () => {
        held()
        return new Promise<void>((resolve) => (release = resolve))
      })
    })
    expect(await takeTurn('c', { silenceMs: 200 })).toBeUndefined()
    release()
    const turn = await takeTurn('c', { silenceMs: 1000 })
    expect(turn).toBeDefined()
    turn?.end()
  })

  it('does not wait for an owner that is heard and does not go on, but for one that does', async () => {
    const owner = await takeTurn('e', { onWait: never })
    let loadedBytes = 0
    const going = setInterval(() => owner?.tell({ loadedBytes: ++loadedBytes, totalBytes: 100 }), 100)
    let isOver = false
    const waiting = takeTurn('e', { silenceMs: 2000, stalledMs: 500 }).then((turn) => {
      isOver = true
      return turn
    })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(isOver).toBe(false)
    clearInterval(going)
    const same = setInterval(() => owner?.tell({ loadedBytes, totalBytes: 100 }), 100)
    expect(await waiting).toBeUndefined()
    clearInterval(same)
    owner?.end()
  })

  it('ends its wait with the reason of a signal', async () => {
    const owner = await takeTurn('f', { onWait: never })
    const controller = new AbortController()
    const onWait = (): void => {
      controller.abort(new Error('closed'))
    }
    await expect(takeTurn('f', { onWait, signal: controller.signal })).rejects.toThrow('closed')
    await expect(takeTurn('f', { signal: controller.signal })).rejects.toThrow('closed')
    owner?.end()
    // The wait that ended left nothing in the queue.
    const next = await takeTurn('f', { silenceMs: 5000 })
    expect(next).toBeDefined()
    expect(await tryTurn('f')).toBeUndefined()
    next?.end()
  })

  it('ends in a typed error where work has to be alone, and waits for nobody in memory', async () => {
    const owner = await takeTurn('g', { onWait: never })
    const work = (): Promise<string> => Promise.resolve('done')
    const storage = new IdbStorage(await openDatabase())
    const heard: unknown[] = []
    // Nobody hears the owner of this lock: its channel has ended, as in a tab that hangs.
    const error: unknown = await withTurn(storage, 'g', work, {
      silenceMs: 200,
      onWait: (totals) => heard.push(totals),
    }).catch((caught: unknown) => caught)
    storage.close()
    expect(isEmbedderError(error, 'store-unavailable') && error.details['reason']).toBe('locked')
    expect(heard[0]).toBeUndefined()
    expect(await withTurn(new MemoryStorage(), 'g', work)).toBe('done')
    owner?.end()
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
    const waiting = takeTurn('d').then((turn) => {
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
