import { within } from '../calls/within.js'
import { importBundle } from './import-bundle.js'
import type { WorkerScript } from './worker-script.js'

/**
 * Starts a worker and waits until it has said who it is.
 *
 * @param connect - Takes the worker over, and asks it. What that rejects with ends the wait.
 * @returns When the worker runs the script.
 * @throws {Error} A failure `worker-crashed`, `worker-unresponsive` or `environment-unsupported`, with what was found out of the reason.
 */
export async function startWorker(script: WorkerScript, connect: (worker: Worker) => Promise<unknown>): Promise<void> {
  const refusals: SecurityPolicyViolationEvent[] = []
  const onRefusal = (event: Event): void => void refusals.push(event as SecurityPolicyViolationEvent)
  // Told on the document, after the worker or before; outside of browsers there is nobody to tell.
  const page = globalThis as Partial<EventTarget>
  const type = 'securitypolicyviolation'
  page.addEventListener?.(type, onRefusal)
  try {
    const started = spawn(script, connect)
    const answer = await within(started, script.helloMs)
    if (answer === script.id) return
    const { explainStart } = await importBundle(() => import('./explain-start.js'), script.failureClass)
    // Whoever closes the connection meanwhile waits for no explanation.
    const closed = new Promise<never>((_, reject) => void started.catch(reject))
    await Promise.race([closed, explainStart({ script, refusals, answer, later: started })])
  } finally {
    page.removeEventListener?.(type, onRefusal)
  }
}

function spawn(script: WorkerScript, connect: (worker: Worker) => Promise<unknown>): Promise<unknown> {
  let worker: Worker
  try {
    worker = script.spawn()
  } catch (thrown) {
    if (script.isGiven) throw thrown
    return Promise.resolve({ thrown })
  }
  const stopped = new Promise<unknown>((resolve) => {
    for (const event of ['error', 'messageerror']) worker.addEventListener(event, resolve, { once: true })
  })
  return Promise.race([connect(worker), stopped])
}
