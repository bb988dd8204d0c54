import { createIndex, type ChangeOptions, type CreateIndexOptions, type SearchIndex } from '@nestling/search'
import { holdLock, startThread } from '@nestling/testing/hung-tab'
import { outcomeOf, within } from '@nestling/testing/outcome'
import { afterEach, describe, expect, it } from 'vitest'

const DOCUMENTS = [1, 2, 3].map((id) => ({ id, embedding: Float32Array.of(Math.cos(id), Math.sin(id)) }))
const QUERY = Float32Array.of(Math.cos(2), Math.sin(2))

let indexes: SearchIndex[] = []
let tabs: Worker[] = []

afterEach(async () => {
  for (const tab of tabs) tab.terminate()
  await Promise.all(indexes.map((index) => index.dispose()))
  indexes = []
  tabs = []
})

async function make(options: CreateIndexOptions): Promise<SearchIndex> {
  const index = await within(createIndex(options))
  indexes.push(index)
  return index
}

async function hang(name: string): Promise<Worker> {
  const tab = await holdLock(name)
  tabs.push(tab)
  return tab
}

/** Every call that changes an index. */
const CHANGES: Readonly<Record<string, (index: SearchIndex, file: Blob, options: ChangeOptions) => Promise<unknown>>> =
  {
    add: (index, _, options) => index.add([{ id: 9, embedding: QUERY }], options),
    update: (index, _, options) => index.update(DOCUMENTS, options),
    remove: (index, _, options) => index.remove([1], options),
    clear: (index, _, options) => index.clear(options),
    import: (index, file, options) => index.import(file, options),
  }

/** Another thread with a transaction that it never ends, as a tab in an endless loop has. */
async function hangInDatabase(): Promise<Worker> {
  const script = `const opening = indexedDB.open('nestling-search')
  opening.onsuccess = () => {
    const transaction = opening.result.transaction(['indexes', 'segments', 'keywords'], 'readwrite')
    const again = () => { transaction.objectStore('indexes').get('any').onsuccess = again }
    again()
    postMessage('held')
  }`
  const tab = await startThread(script)
  tabs.push(tab)
  return tab
}

describe('a tab that hangs with the lock of an index', () => {
  it('keeps nobody from reading it, and ends the wait of every change with a typed error', async () => {
    const store = `held ${crypto.randomUUID()}`
    await (await make({ store })).update(DOCUMENTS)
    const tab = await hang(`nestling-search:${store}`)
    const index = await make({ store })
    expect((await within(index.search(QUERY, { topK: 1 }))).map(({ id }) => id)).toEqual([2])
    expect(await within(index.stats())).toMatchObject({ documents: 3, storage: 'indexeddb' })
    const file = await within(index.export())
    expect(await within(index.paraphraseMining())).toHaveLength(3)
    expect(await within(index.communityDetection({ minCommunitySize: 1, threshold: 0.99 }))).toHaveLength(3)
    // One index a call: those of one wait for each other too. The last makes all of them at once.
    const waits: string[] = []
    const run = (changed: SearchIndex, name: string): Promise<unknown> =>
      outcomeOf(CHANGES[name]?.(changed, file, { onWait: () => waits.push(name) }) ?? Promise.resolve())
    const names = Object.keys(CHANGES)
    const own = await Promise.all(names.map(() => make({ store })))
    const outcomes = await Promise.all([
      ...names.map((name, place) => run(own[place] as SearchIndex, name)),
      ...names.map((name) => run(index, name)),
    ])
    expect(outcomes).toEqual(outcomes.map(() => ['store-unavailable', 'locked']))
    expect(new Set(waits)).toEqual(new Set(names))
    expect((await within(index.search(QUERY, { topK: 5 }))).map(({ id }) => id).sort()).toEqual([1, 2, 3])
    tab.terminate()
    expect(await within(index.remove([1]))).toBe(1)
    expect(await within((own[0] as SearchIndex).stats())).toMatchObject({ documents: 2 })
  })

  it('is waited for no longer than the signal of a change allows', async () => {
    const store = `held ${crypto.randomUUID()}`
    const index = await make({ store })
    await index.update(DOCUMENTS)
    const file = await index.export()
    await hang(`nestling-search:${store}`)
    for (const change of Object.values(CHANGES)) {
      const controller = new AbortController()
      const reason = new Error('enough')
      const onWait = (): void => {
        controller.abort(reason)
      }
      const startMs = performance.now()
      expect(await outcomeOf(change(index, file, { onWait, signal: controller.signal }))).toBe(reason)
      // Far below the 20 s that it would wait without.
      expect(performance.now() - startMs).toBeLessThan(10_000)
      const aborted = change(index, file, { signal: AbortSignal.abort(reason) })
      expect(await outcomeOf(aborted)).toBe(reason)
    }
    expect(await within(index.stats())).toMatchObject({ documents: 3 })
  })

  it('lets a change go on where it ends', async () => {
    const store = `held ${crypto.randomUUID()}`
    const index = await make({ store })
    const tab = await hang(`nestling-search:${store}`)
    const onWait = (): void => {
      tab.terminate()
    }
    expect(await outcomeOf(index.add(DOCUMENTS, { onWait }))).toBe('done')
    expect((await index.stats()).documents).toBe(3)
  })

  it('holds up no other index, in a store or in memory', async () => {
    await hang(`nestling-search:held ${crypto.randomUUID()}`)
    for (const options of [{}, { store: `other ${crypto.randomUUID()}` }]) {
      const index = await make(options)
      expect(await outcomeOf(index.update(DOCUMENTS))).toBe('done')
    }
  })

  it('refuses options that are none', async () => {
    const index = await make({})
    const calls = [
      index.clear({ onwait: 1 } as never),
      index.clear({ signal: 1 } as never),
      index.remove([1], { onWait: 1 } as never),
      index.add(DOCUMENTS, { onWait: 'x' } as never),
    ]
    for (const call of calls) await expect(call).rejects.toThrow(TypeError)
  })
})

describe('a tab that hangs in a transaction of the database', () => {
  it('keeps nobody from what is in memory, and every other call ends with a typed error', async () => {
    const store = `held ${crypto.randomUUID()}`
    const known = await make({ store })
    await known.update(DOCUMENTS)
    const file = await known.export()
    // Opened before, and nothing read yet.
    const unread = await Promise.all([make({ store }), make({ store })])
    const tab = await hangInDatabase()
    const outcomes = await Promise.all([
      outcomeOf(createIndex({ store })),
      outcomeOf(unread[0].search(QUERY)),
      outcomeOf(unread[0].stats()),
      outcomeOf(unread[1].remove([1])),
      outcomeOf(known.update(DOCUMENTS)),
    ])
    expect(outcomes).toEqual(outcomes.map(() => ['store-unavailable', 'timeout']))
    expect((await within(known.search(QUERY, { topK: 1 }))).map(({ id }) => id)).toEqual([2])
    expect(await within(known.export())).toEqual(file)
    await within(unread[1].dispose())
    tab.terminate()
    expect(await within(unread[0].stats())).toMatchObject({ documents: 3 })
    expect(await within(known.remove([1]))).toBe(1)
    // The other tab hears of it in a message, which takes a moment.
    await expect.poll(() => within(unread[0].stats())).toMatchObject({ documents: 2 })
  })
})
