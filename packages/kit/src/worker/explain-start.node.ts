import { within } from '../calls/within.js'
import type { FailedStart } from './worker-script.js'

/** What a thread that is still starting on a busy machine is given more. */
const GRACE_MS = 10_000

/** Tells why a thread does not start, as far as Node says it. */
export async function explainStart({ script, answer, later }: FailedStart): Promise<void> {
  const told = answer ?? (await within(later, GRACE_MS))
  if (told === script.id) return
  const [code, reason, says] = find(told)
  throw new script.failureClass(
    code,
    `Cannot start the worker as ${says}\nInstall ${script.id} again: ${script.file} must lie beside the module that starts it`,
    { cause: told, details: { reason, isStarted: false } },
  )
}

function find(
  told: unknown,
): readonly ['worker-unresponsive' | 'worker-crashed' | 'environment-unsupported', string, string] {
  if (told === undefined) return ['worker-unresponsive', 'silent', 'its script runs and does not answer']
  if (typeof told === 'string') return ['environment-unsupported', 'other-script', `it is ${told}`]
  const { thrown, message = String(thrown) } = told as { readonly thrown?: unknown; readonly message?: string }
  return ['worker-crashed', 'threw', `its script ended with ${message}`]
}
