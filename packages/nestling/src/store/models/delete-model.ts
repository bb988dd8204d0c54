import { withTurn, type TurnOptions } from './model-turn.js'
import type { RecordStorage } from '../records/record-storage.js'
import { ModelStore } from './model-store.js'

/**
 * Deletes a model with everything that was downloaded of it, in one transaction. It waits for a tab that downloads it.
 *
 * @param storage - The records.
 * @param options - How to wait.
 * @returns Whether there was anything.
 * @throws {EmbedderError} `store-unavailable`, also if a tab that writes the model does not answer; on an abort, the signal's reason.
 */
export function deleteModel(storage: RecordStorage, key: string, options?: TurnOptions): Promise<boolean> {
  return withTurn(storage, key, () => new ModelStore(storage).deleteModel(key), options)
}

/**
 * Deletes all models, and chunks that belong to none.
 *
 * @param storage - The records.
 * @param options - How to wait.
 * @returns When they are gone.
 * @throws {EmbedderError} `store-unavailable`, also if a tab that writes one of them does not answer: all others are gone then; on an abort,
 * the signal's reason.
 */
export async function clearModels(storage: RecordStorage, options?: TurnOptions): Promise<void> {
  const found = await Promise.all((['models', 'downloads', 'chunks'] as const).map((name) => storage.keys(name, [])))
  const models = new Set(found.flat().map(([model]) => String(model)))
  // Side by side: one that is held by a tab that hangs must not hold the others up.
  const deleted = await Promise.allSettled([...models].map((model) => deleteModel(storage, model, options)))
  const failed = deleted.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
