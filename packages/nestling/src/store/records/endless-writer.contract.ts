import process from 'node:process'
import { FileStorage } from './file-storage.node.js'
import type { Change } from './record-storage.js'

const [folder = '', first = '0', records = '1'] = process.argv.slice(2)
const storage = await FileStorage.open(folder)
for (let number = Number(first) + 1; ; number++) {
  const puts = Array.from({ length: Number(records) - 1 }, (_, index): Change => {
    return { put: 'uses', key: ['kept', index], value: number }
  })
  await storage.commit([
    { deleteAll: 'uses', prefix: ['turns'] },
    ...puts,
    { put: 'uses', key: ['turns', number], value: number },
  ])
  if (number === Number(first) + 1) process.send?.('started')
}
