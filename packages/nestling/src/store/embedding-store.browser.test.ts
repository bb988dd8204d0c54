import { deleteDB } from 'idb'
import { describeEmbeddingStore } from './embedding-store.contract.js'
import { IdbStorage } from './idb-storage.js'
import { openDatabase } from './open-database.js'

describeEmbeddingStore(
  'IndexedDB',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
