import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { IdbStorage } from '../records/idb-storage.js'
import { MemoryStorage } from '../records/memory-storage.js'
import { openDatabase } from '../records/open-database.js'
import { describeWeightStore } from './model-store.contract.js'

describeWeightStore(
  'memory',
  async () => new MemoryStorage(),
  async () => undefined,
)
describeWeightStore(
  'fake-indexeddb',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
