import { deleteDB } from 'idb'
import { IdbStorage } from '../records/idb-storage.js'
import { describeModelCache } from './model-cache.contract.js'
import { openDatabase } from '../records/open-database.js'

describeModelCache(
  'IndexedDB',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
