import { deleteDB } from 'idb'
import { IdbStorage } from './idb-storage.js'
import { openDatabase } from './open-database.js'
import { describeRecordStorage } from './record-storage.contract.js'

describeRecordStorage(
  'IndexedDB',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
