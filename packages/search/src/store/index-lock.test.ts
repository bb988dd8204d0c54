import { describe, expect, it } from 'vitest'
import { webLocks } from '@nestling/kit/locks/web-locks'
import { IndexLock } from './index-lock.js'

/** Work that ends when told. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('IndexLock', () => {
  it('lets a call that was aborted go at once, while an earlier one of its worker goes on', async () => {
    const lock = new IndexLock(`nestling-search:${crypto.randomUUID()}`)
    const { opened, open } = gate()
    const first = lock.run(() => opened)
    const controller = new AbortController()
    const done: string[] = []
    const note = (name: string) => (): Promise<void> => {
      done.push(name)
      return Promise.resolve()
    }
    const second = lock.run(note('second'), { signal: controller.signal })
    const third = lock.run(note('third'))
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(second).rejects.toBe(reason)
    open()
    await Promise.all([first, third])
    expect(done).toEqual(['third'])
  })

  it('lets a call go that waits for another tab, and the next one waits as long as ever', async (ctx) => {
    const locks = webLocks()
    if (locks === undefined) {
      ctx.skip('this Node has no Web Locks, which 24.5 and newer have')
      return
    }
    const name = `nestling-search:${crypto.randomUUID()}`
    const { opened, open } = gate()
    const held = locks.request(name, () => opened)
    const lock = new IndexLock(name)
    const controller = new AbortController()
    const reason = new Error('enough')
    const onWait = (): void => {
      controller.abort(reason)
    }
    await expect(lock.run(() => Promise.resolve('done'), { onWait, signal: controller.signal })).rejects.toBe(reason)
    expect(await lock.run(() => Promise.resolve('done'), { onWait: open })).toBe('done')
    await held
  })

  it('does not take what has begun back', async () => {
    const lock = new IndexLock(`nestling-search:${crypto.randomUUID()}`)
    const controller = new AbortController()
    const work = (): Promise<string> => {
      controller.abort(new Error('enough'))
      return Promise.resolve('done')
    }
    expect(await lock.run(work, { signal: controller.signal })).toBe('done')
  })
})
