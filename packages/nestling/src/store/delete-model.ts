import { withModelLock } from './model-lock.js'
import type { RecordStorage } from './record-storage.js'
import { WeightStore } from './weight-store.js'

/**
 * Deletes a model with everything that was downloaded of it, in one transaction. It waits for a tab that downloads it.
 *
 * @param storage - The records.
 * @param key - The model.
 * @param signal - Ends the wait.
 * @returns Whether there was anything.
 * @throws {EmbedderError} `store-unavailable`; on an abort, the signal's reason.
 */
export function deleteModel(storage: RecordStorage, key: string, signal?: AbortSignal): Promise<boolean> {
  return withModelLock(key, () => new WeightStore(storage).deleteModel(key), signal)
}

/**
 * Deletes all models, and chunks that belong to none.
 *
 * @param storage - The records.
 * @param signal - Ends it between models.
 * @returns When they are gone.
 * @throws {EmbedderError} `store-unavailable`; on an abort, the signal's reason.
 */
export async function clearModels(storage: RecordStorage, signal?: AbortSignal): Promise<void> {
  const found = await Promise.all((['models', 'downloads', 'chunks'] as const).map((name) => storage.keys(name, [])))
  const models = new Set(found.flat().map(([model]) => String(model)))
  for (const model of models) await deleteModel(storage, model, signal)
}
