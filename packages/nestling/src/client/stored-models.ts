import { modelKeyOf } from '../model/model-key.js'
import { openStorage } from '../store/open-storage.js'
import { WeightStore } from '../store/weight-store.js'
import type { ModelLocation } from '../wire/protocol.js'

/**
 * Looks whether a model is stored whole.
 *
 * @param location - The model.
 * @returns Whether it is; `false` where storage is blocked.
 */
export async function isModelStored(location: ModelLocation): Promise<boolean> {
  const key = await modelKeyOf(location)
  if (key === undefined) return false
  const { storage } = await openStorage()
  try {
    return (await new WeightStore(storage).find(key)) !== undefined
  } catch {
    // Another tab has taken the database away.
    return false
  } finally {
    storage.close()
  }
}
