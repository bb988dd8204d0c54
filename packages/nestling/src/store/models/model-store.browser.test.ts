import { deleteDB } from 'idb'
import { IdbStorage } from '../records/idb-storage.js'
import { openDatabase } from '../records/open-database.js'
import { describeWeightStore } from './model-store.contract.js'

describeWeightStore(
  'IndexedDB',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
