import type { Ladder, Rung } from './device-rungs.js'
import { isEmbedderError, type EmbedderErrorCode } from '../wire/embedder-error.js'
import type { DeviceProbe, Verification } from '../wire/load-report.js'
import type { EmbedderWarning, WarningKind } from '../wire/warning.js'
import { verificationFailed, type Certifier } from './certifier.js'
import type { EngineHistory, StartedModel } from './running-model.js'

/** Failures of a device, which the next one may not have. Anything else is wrong with the model, or was not foreseen. */
const DEVICE_FAILURES: readonly EmbedderErrorCode[] = [
  'environment-unsupported',
  'webgpu-unavailable',
  'device-lost',
  'out-of-memory',
  'run-failed',
]

/** What a walk needs. */
export interface WalkOptions {
  readonly ladder: Ladder
  readonly probe: DeviceProbe
  readonly certifier: Certifier
  /** The model, where it is known before an engine is made: a rung that is known to fail is then not even tried. */
  readonly spaceId?: string
  /** Makes an engine. */
  readonly start: (rung: Rung) => Promise<StartedModel>
  /** Told before an engine runs for the first time. */
  readonly onWarmUp: () => void
}

/** A model whose engine runs and is as right as could be found out. */
export interface Walked {
  readonly model: StartedModel
  readonly history: EngineHistory
}

/** Why a rung is not taken. */
interface Failure {
  readonly kind: WarningKind
  readonly error: unknown
}

/**
 * Tries the ways to run a model, the best first: makes the engine, warms it up and certifies it. A device that fails, or whose vectors
 * are wrong, gives way to the next.
 *
 * @param options - The ways, and what is done on each.
 * @returns The first that works.
 * @throws {EmbedderError} What the last way failed with, `verification-failed` if its vectors are wrong; at once, what is wrong with
 * the model itself.
 */
export async function walkLadder(options: WalkOptions): Promise<Walked> {
  const { ladder, probe, certifier } = options
  const reasons: string[] = []
  const warnings: EmbedderWarning[] = [...ladder.warnings]
  for (const [index, rung] of ladder.rungs.entries()) {
    const next = ladder.rungs[index + 1]
    reasons.push(rung.reason)
    const result = await tryRung(options, rung, next !== undefined)
    if (!('error' in result)) {
      const { model, verification } = result
      await certifier.remember(rung, model.spaceId, probe, verification)
      return { model, history: { reasons: [...reasons, ...model.reasons], warnings, verification, probe } }
    }
    if (next === undefined) throw result.error
    const message = describeStep(rung, next, result.error)
    reasons.push(message)
    warnings.push({ kind: result.kind, message })
  }
  throw new Error('Cannot load a model as there is no way to run it')
}

async function tryRung(
  options: WalkOptions,
  rung: Rung,
  hasNext: boolean,
): Promise<{ readonly model: StartedModel; readonly verification: Verification } | Failure> {
  const { certifier, probe, spaceId } = options
  const early = spaceId === undefined ? undefined : await certifier.recall(rung, spaceId, probe)
  if (early?.isPassed === false) return failed(rung, { ...early.verification, isRemembered: true })
  let model: StartedModel | undefined
  try {
    model = await options.start(rung)
    const known = early ?? (await certifier.recall(rung, model.spaceId, probe))
    options.onWarmUp()
    const verification = await certifier.check(model, rung, known)
    // A remembered failure gives the same verdict as the comparison did.
    if (verification.verified || verification.source === 'none') return { model, verification }
    // Without a next way, a failure that is remembered would outlive what caused it.
    if (hasNext) await certifier.remember(rung, model.spaceId, probe, verification)
    await dispose(model)
    return failed(rung, verification)
  } catch (error) {
    if (model !== undefined) await dispose(model)
    if (isEmbedderError(error) && !DEVICE_FAILURES.includes(error.code)) throw error
    return { kind: 'device-fallback', error }
  }
}

function failed(rung: Rung, verification: Verification): Failure {
  return { kind: 'verification-failed', error: verificationFailed(rung, verification) }
}

/** An engine that has just failed may fail at this too; what counts is why it failed first. */
async function dispose({ engine }: StartedModel): Promise<void> {
  await engine.dispose().catch(() => undefined)
}

function describeStep(rung: Rung, next: Rung, error: unknown): string {
  const names = { webgpu: 'WebGPU', wasm: 'WASM' }
  // What differs tells them apart.
  const nameOf = (way: Rung): string => {
    if (rung.device !== next.device) return names[way.device]
    if (rung.engine !== next.engine) return `${names[way.device]} with the engine ${way.engine}`
    return `${names[way.device]} in ${way.dtype}`
  }
  const message = error instanceof Error ? error.message : String(error)
  return `The model runs on ${nameOf(next)} as ${nameOf(rung)} failed: ${message}`
}
