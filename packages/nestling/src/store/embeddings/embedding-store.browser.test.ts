import { deleteDB } from 'idb'
import { describeEmbeddingStore } from './embedding-store.contract.js'
import { IdbStorage } from '../records/idb-storage.js'
import { openDatabase } from '../records/open-database.js'

describeEmbeddingStore(
  'IndexedDB',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
