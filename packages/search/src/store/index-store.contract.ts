import { afterEach, describe, expect, it } from 'vitest'
import { segmentOf, StoredDocuments } from '../../test/stored-documents.js'
import type { SegmentStore, StoreListener } from './store-change.js'

/** Opens a store. */
type Open = (name: string, listener: StoreListener) => Promise<SegmentStore>

/** Nobody listens. */
const UNHEARD: StoreListener = { onChange: () => undefined, onLost: () => undefined }

/**
 * Says what every store of an index does.
 *
 * @param open - Opens one.
 * @param wipe - Deletes all that was stored.
 */
export function describeIndexStore(where: string, open: Open, wipe: () => Promise<unknown>): void {
  const opened: SegmentStore[] = []
  const openOne = async (name = 'notes', listener = UNHEARD): Promise<SegmentStore> => {
    const store = await open(name, listener)
    opened.push(store)
    return store
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) store.close()
    await wipe()
  })

  describe(`IndexStore in ${where}`, () => {
    it('is empty at first', async () => {
      const store = await openOne()
      expect(await store.head()).toBeUndefined()
      expect(await store.keywords(0)).toBeUndefined()
      const documents = await new StoredDocuments().readFrom(store)
      expect(documents).toMatchObject({ starts: 1, head: undefined, applied: [] })
    })

    it('gives what changed, in its order, from any version on', async () => {
      const store = await openOne()
      const documents = new StoredDocuments()
      await documents.write(store, [segmentOf([1, 2]), segmentOf([3])])
      await documents.write(store, [segmentOf([4], [2])])
      const other = await openOne()
      const all = await new StoredDocuments().readFrom(other)
      expect(all.applied).toEqual([segmentOf([1, 2]), segmentOf([3]), segmentOf([4], [2])])
      expect(all.head).toEqual(documents.head)
      const rest = await new StoredDocuments({ ...documents.state, version: 1 }).readFrom(other)
      expect(rest.applied).toEqual([segmentOf([4], [2])])
      expect((await rest.readFrom(other)).applied).toHaveLength(1)
    })

    it('keeps rows and numbers of every type as they are', async () => {
      const store = await openOne()
      const segment = segmentOf(['a', 7])
      await new StoredDocuments().write(store, [segment])
      const [read] = (await new StoredDocuments().readFrom(store)).applied
      expect(read).toStrictEqual(segment)
      expect(read?.vectors.buffer.byteLength).toBe(segment.vectors.byteLength)
    })

    it('refuses a change that was made for another version, and changes nothing', async () => {
      const [a, b] = [await openOne(), await openOne()]
      const documents = new StoredDocuments()
      await documents.write(a, [segmentOf([1])])
      const late = { expected: 0, head: documents.state, segments: [segmentOf([2])], isRewrite: false }
      expect(await b.commit(late)).toBe(false)
      expect((await new StoredDocuments().readFrom(a)).ids).toEqual([1])
    })

    it('merges many small changes, also for who has read some of them', async () => {
      const store = await openOne()
      const [documents, half] = [new StoredDocuments(), new StoredDocuments()]
      await documents.write(store, [segmentOf(Array.from({ length: 600 }, (_, id) => 1000 + id))])
      for (let id = 0; id < 20; id++) {
        await documents.write(store, [segmentOf([id], id % 3 === 2 ? [id - 1] : [])])
        if (id === 8) await half.readFrom(store)
      }
      const whole = await new StoredDocuments().readFrom(store)
      // The large one, one of the first sixteen, and four.
      expect(whole.applied).toHaveLength(6)
      expect(whole.ids).toEqual(documents.ids)
      expect((await half.readFrom(store)).ids.toSorted()).toEqual(documents.ids.toSorted())
    })

    it('has nothing of what was before it was written anew, and no words', async () => {
      const [store, other] = [await openOne(), await openOne()]
      const [documents, reader] = [new StoredDocuments(), new StoredDocuments()]
      for (const id of [1, 2, 3]) await documents.write(store, [segmentOf([id])])
      await store.putKeywords({ version: 3, bytes: Uint8Array.of(1) })
      await reader.readFrom(other)
      await documents.write(store, [segmentOf([9])], true)
      expect((await reader.readFrom(other)).ids).toEqual([9])
      expect((await new StoredDocuments().readFrom(other)).applied).toEqual([segmentOf([9])])
      expect(await other.keywords(3)).toBeUndefined()
    })

    it('has words of one version', async () => {
      const store = await openOne()
      await new StoredDocuments().write(store, [segmentOf([1])])
      await store.putKeywords({ version: 1, bytes: Uint8Array.of(1, 2) })
      expect(await store.keywords(1)).toEqual(Uint8Array.of(1, 2))
      expect(await store.keywords(2)).toBeUndefined()
    })

    it('tells of changes of others, and keeps names apart', async () => {
      let changes = 0
      const onChange = (): void => {
        changes++
      }
      const reader = await openOne('notes', { ...UNHEARD, onChange })
      await new StoredDocuments().readFrom(reader)
      await new StoredDocuments().write(await openOne('Notes'), [segmentOf([5])])
      await reader.noticeChanges()
      expect(changes).toBe(0)
      await new StoredDocuments().write(await openOne(), [segmentOf([1])])
      await expect
        .poll(async () => {
          await reader.noticeChanges()
          return changes
        })
        .toBeGreaterThan(0)
      expect((await new StoredDocuments().readFrom(reader)).ids).toEqual([1])
    })

    it('rejects with a typed error after close()', async () => {
      const store = await openOne()
      store.close()
      for (const call of [store.head(), new StoredDocuments().write(store, [segmentOf([1])])]) {
        await expect(call).rejects.toMatchObject({ code: 'store-unavailable' })
      }
    })
  })
}
