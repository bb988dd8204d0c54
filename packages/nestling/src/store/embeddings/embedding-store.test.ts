import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { describeEmbeddingStore } from './embedding-store.contract.js'
import { IdbStorage } from '../records/idb-storage.js'
import { MemoryStorage } from '../records/memory-storage.js'
import { openDatabase } from '../records/open-database.js'

describeEmbeddingStore(
  'memory',
  async () => new MemoryStorage(),
  async () => undefined,
)
describeEmbeddingStore(
  'fake-indexeddb',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
