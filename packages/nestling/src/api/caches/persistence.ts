import { within } from '@nestling/kit/calls/within'

/** Whether the browser keeps what this origin stores, as far as it has said. */
export interface Persistence {
  /** `undefined` until the browser has answered, and where it cannot be asked. */
  readonly isPersisted: boolean | undefined
}

/** A browser that decides by itself answers at once; one that asks the user is not waited for. */
const LIMIT_MS = 100

/** Asked once a page. */
let asked: Promise<Persistence> | undefined

/**
 * Asks the browser not to delete what is stored when space runs low. Only a page may ask, not a worker.
 *
 * @returns What it answers; a later answer is put in place.
 */
export function requestPersistence(): Promise<Persistence> {
  asked ??= ask()
  return asked
}

async function ask(): Promise<Persistence> {
  const answer: { isPersisted: boolean | undefined } = { isPersisted: undefined }
  const asking = async (): Promise<void> => {
    answer.isPersisted = await navigator.storage.persisted()
    if (!answer.isPersisted) answer.isPersisted = await navigator.storage.persist()
  }
  // Not a secure context, or blocked: then nobody knows.
  await within(
    asking().catch(() => undefined),
    LIMIT_MS,
  )
  return answer
}
