import { hubModels } from './hub-models.ts'
import { startHubServer } from './hub-server.ts'
import { SEED_MODEL_ID, seedModelRepo } from './seed-model.ts'

/** The part of a vitest project that is used: its own types would make this package depend on it. */
interface Project {
  readonly provide: (key: 'hubUrl', value: string) => void
}

/**
 * Starts the imitation of a hub for tests that run in a browser, and hands its URL over as `hubUrl`.
 *
 * @param project - The vitest project.
 * @returns What ends the hub.
 */
export async function setup(project: Project): Promise<() => Promise<void>> {
  const hub = await startHubServer({ ...hubModels(), [SEED_MODEL_ID]: seedModelRepo() })
  project.provide('hubUrl', hub.url)
  return () => hub.close()
}
