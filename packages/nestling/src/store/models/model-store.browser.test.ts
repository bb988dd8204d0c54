import { deleteDB } from 'idb'
import { IdbStorage } from '../records/idb-storage.js'
import { openDatabase } from '../records/open-database.js'
import { describeModelStore } from './model-store.contract.js'

describeModelStore(
  'IndexedDB',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
