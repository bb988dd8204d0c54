import { createIndex, type CreateIndexOptions, type SearchIndex } from '@nestling/search'
import { isEmbedderError } from 'nestling'
import { afterEach, describe, expect, it } from 'vitest'

/** Longer than any wait for another tab, and shorter than a page's patience. */
const BOUND_MS = 45_000

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

/** Another thread of this origin that takes a lock and never lets it go, as a tab that hangs does. */
async function hang(name: string): Promise<Worker> {
  const script = `navigator.locks.request(${JSON.stringify(name)}, () => {
    postMessage('held')
    return new Promise(() => undefined)
  })`
  const tab = new Worker(URL.createObjectURL(new Blob([script])))
  tabs.push(tab)
  await new Promise((resolve) => {
    tab.onmessage = resolve
  })
  return tab
}

function within<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => {
        reject(new Error(`Nothing came within ${BOUND_MS} ms`))
      }, BOUND_MS)
    }),
  ])
}

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return within(work).then(
    () => 'done',
    (error: unknown) => (isEmbedderError(error) ? [error.code, error.details['reason']] : error),
  )
}

/** Every call that changes an index. */
const CHANGES: Readonly<Record<string, (index: SearchIndex, file: Blob, onWait: () => void) => Promise<unknown>>> = {
  add: (index, _, onWait) => index.add([{ id: 9, embedding: QUERY }], { onWait }),
  update: (index, _, onWait) => index.update(DOCUMENTS, { onWait }),
  remove: (index, _, onWait) => index.remove([1], { onWait }),
  clear: (index, _, onWait) => index.clear({ onWait }),
  import: (index, file, onWait) => index.import(file, { onWait }),
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
      outcomeOf(CHANGES[name]?.(changed, file, () => waits.push(name)) ?? Promise.resolve())
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
      index.remove([1], { onWait: 1 } as never),
      index.add(DOCUMENTS, { onWait: 'x' } as never),
    ]
    for (const call of calls) await expect(call).rejects.toThrow(TypeError)
  })
})
