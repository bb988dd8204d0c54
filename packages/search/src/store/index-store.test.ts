import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { describeIndexStore } from './index-store.contract.js'
import { IndexStore } from './index-store.js'

describeIndexStore(
  'IndexedDB',
  (name, listener) => IndexStore.open(name, listener),
  () => deleteDB('nestling-search'),
)
