/**
 * Leaves a browser as someone has who was here before: the default model is stored, and nothing else. Examples share a browser, as each
 * download of the model takes a second, and must not see what others have stored.
 */
import { minilmL6 } from '@nestling/minilm-l6'
import { embeddingCache, load, modelCache, plan } from 'nestling'

for (const { name = '' } of await indexedDB.databases()) {
  if (name !== 'nestling') await deleteDatabase(name)
}
await embeddingCache.clear()
for (const { key, name } of await modelCache.list()) {
  if (!name.includes('minilm-l6')) await modelCache.delete(key)
}
if (!(await plan(minilmL6)).isCached) await (await load(minilmL6)).dispose()

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => {
      resolve()
    }
    request.onerror = () => {
      reject(new Error(`Cannot delete the database ${name}`))
    }
  })
}
