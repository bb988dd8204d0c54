import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { IdbStorage } from './idb-storage.js'
import { MemoryStorage } from './memory-storage.js'
import { openDatabase } from './open-database.js'
import { describeWeightStore } from './weight-store.contract.js'

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
