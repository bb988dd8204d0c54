import { callListener } from '@nestling/kit/calls/call-listener'
import { checkKeys, checkSignal, checkType, type KnownKeys } from '@nestling/kit/options/check-options'
import { calling } from '@nestling/kit/worker/endpoint'
import type { AddOptions, ChangeOptions, ImportOptions } from './search-index.js'

const CHANGE_KEYS: KnownKeys<ChangeOptions> = { onWait: true, signal: true }
export const IMPORT_KEYS: KnownKeys<ImportOptions> = { merge: true, ...CHANGE_KEYS }
export const ADD_KEYS: KnownKeys<AddOptions> = { embeddings: true, onProgress: true, ...CHANGE_KEYS }

/** Options of a change, checked; the worker may call `onWait`. */
export interface Change {
  readonly onWait: (() => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** Checks the options of a call that changes an index, and those that it has beside them. */
export function readChange(
  action: string,
  options: ChangeOptions,
  known: KnownKeys<ChangeOptions> = CHANGE_KEYS,
): Change {
  checkKeys(action, options, known)
  const { onWait, signal } = options
  checkType(action, 'onWait', onWait, 'function')
  checkSignal(action, signal)
  const told = (): void => {
    callListener(onWait, undefined)
  }
  return { signal, onWait: onWait && calling(told) }
}
