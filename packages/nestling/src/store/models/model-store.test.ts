import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { IdbStorage } from '../records/idb-storage.js'
import { MemoryStorage } from '../records/memory-storage.js'
import { openDatabase } from '../records/open-database.js'
import { describeModelStore } from './model-store.contract.js'

describeModelStore(
  'memory',
  async () => new MemoryStorage(),
  async () => undefined,
)
describeModelStore(
  'fake-indexeddb',
  async () => new IdbStorage(await openDatabase()),
  () => deleteDB('nestling'),
)
