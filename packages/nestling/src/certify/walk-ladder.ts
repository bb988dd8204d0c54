import type { Ladder, Rung } from './device-rungs.js'
import { isEmbedderError, type EmbedderErrorCode } from '../wire/embedder-error.js'
import type { DeviceProbe, DeviceSpeed, Verification } from '../wire/load-report.js'
import type { EmbedderWarning, WarningKind } from '../wire/warning.js'
import type { StoredVerdict } from '../store/records/stored-verdict.js'
import { verificationFailed, type Certifier } from './certifier.js'
import type { EngineHistory, StartedModel } from './running-model.js'
import { timeEngine } from './time-engine.js'

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
  /** Makes an engine; with products cut as an earlier load found best, where it did. */
  readonly start: (rung: Rung, tile?: string) => Promise<StartedModel>
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
  const { ladder } = options
  const reasons: string[] = []
  const warnings: EmbedderWarning[] = [...ladder.warnings]
  let speed: DeviceSpeed | undefined
  let started: StartedModel | undefined
  for (let index = 0; index < ladder.rungs.length; index++) {
    const rung = ladder.rungs[index] as Rung
    const next = ladder.rungs[index + 1]
    reasons.push(rung.reason)
    const result = await new RungTry(options, rung, next !== undefined).try(started)
    started = undefined
    if ('model' in result) {
      const { model, verification } = result
      speed ??= result.speed
      const history = { reasons: [...reasons, ...model.reasons], warnings, verification, speed, probe: options.probe }
      return { model, history }
    }
    if ('slower' in result) {
      speed = result.slower
      started = result.started
      reasons.push(describeSpeed(speed))
      index = ladder.rungs.findIndex(isCpuKernels) - 1
      continue
    }
    if (next === undefined) throw result.error
    const message = describeStep(rung, next, result.error)
    reasons.push(message)
    warnings.push({ kind: result.kind, message })
  }
  throw new Error('Cannot load a model as there is no way to run it')
}

/** A rung that is taken. */
interface Taken {
  readonly model: StartedModel
  readonly verification: Verification
  readonly speed: DeviceSpeed | undefined
}

/** A rung that works and is slower than our kernels on the CPU. */
interface Slower {
  readonly slower: DeviceSpeed
  /** The model on those, where the trial started it. */
  readonly started: StartedModel | undefined
}

/** Tries one way to run a model. */
class RungTry {
  readonly #options: WalkOptions
  readonly #rung: Rung
  readonly #hasNext: boolean

  constructor(options: WalkOptions, rung: Rung, hasNext: boolean) {
    this.#options = options
    this.#rung = rung
    this.#hasNext = hasNext
  }

  /** A device that was asked for is taken, however slow it is. */
  get #isTimed(): boolean {
    return 'isTimed' in this.#rung && this.#rung.isTimed
  }

  async try(started: StartedModel | undefined): Promise<Taken | Slower | Failure> {
    const { spaceId, certifier } = this.#options
    const rung = this.#rung
    const early = spaceId === undefined ? undefined : await this.#recall(spaceId)
    if (early?.isPassed === false) {
      if (started !== undefined) await dispose(started)
      return failed(rung, { ...early.verification, isRemembered: true })
    }
    if (this.#isTimed && isSlower(early?.speed)) return { slower: remembered(early.speed), started: undefined }
    let model = started
    try {
      model ??= await this.#options.start(rung, early?.tile)
      const known = early ?? (await this.#recall(model.spaceId))
      this.#options.onWarmUp()
      const verification = await certifier.check(model, rung, known)
      // A remembered failure gives the same verdict as the comparison did.
      if (verification.verified || verification.source === 'none') return await this.#choose(model, verification, known)
      // Without a next way, a failure that is remembered would outlive what caused it.
      if (this.#hasNext) await this.#remember(model, { verification })
      await dispose(model)
      return failed(rung, verification)
    } catch (error) {
      if (model !== undefined) await dispose(model)
      if (isEmbedderError(error) && !DEVICE_FAILURES.includes(error.code)) throw error
      return { kind: 'device-fallback', error }
    }
  }

  /** Takes what works, unless it is a GPU that is slower than the CPU. */
  async #choose(
    model: StartedModel,
    verification: Verification,
    known: StoredVerdict | undefined,
  ): Promise<Taken | Slower> {
    const { tile } = model.engine
    const other = known?.speed === undefined ? await this.#startOther() : undefined
    if (other === undefined) {
      const isNew = known === undefined || known.tile !== tile
      if (isNew) await this.#remember(model, { verification, tile, speed: known?.speed })
      const speed = this.#isTimed && known?.speed !== undefined ? remembered(known.speed) : undefined
      return { model, verification, speed }
    }
    try {
      const { maxSeqLength } = model.settings
      const webgpuMs = await timeEngine(model.engine, maxSeqLength)
      // Whatever is wrong with the other, this one works.
      const wasmMs = await timeEngine(other.engine, maxSeqLength).catch(() => undefined)
      const speed = wasmMs === undefined ? undefined : { webgpuMs, wasmMs }
      await this.#remember(model, { verification, tile, speed })
      await dispose(isSlower(speed) ? model : other)
      if (speed === undefined) return { model, verification, speed }
      const measured = { ...speed, isRemembered: false }
      return isSlower(speed) ? { slower: measured, started: other } : { model, verification, speed: measured }
    } catch (error) {
      await dispose(other)
      throw error
    }
  }

  /** Starts our kernels on the CPU, where they may be faster. */
  async #startOther(): Promise<StartedModel | undefined> {
    const other = this.#options.ladder.rungs.find(isCpuKernels)
    if (!this.#isTimed || other === undefined) return undefined
    return this.#options.start(other).catch(() => undefined)
  }

  #recall(spaceId: string): Promise<StoredVerdict | undefined> {
    return this.#options.certifier.recall(this.#rung, spaceId, this.#options.probe)
  }

  #remember(model: StartedModel, found: Omit<StoredVerdict, 'isPassed'>): Promise<void> {
    return this.#options.certifier.remember(this.#rung, model.spaceId, this.#options.probe, found)
  }
}

type Speed = Pick<DeviceSpeed, 'webgpuMs' | 'wasmMs'>

function isSlower(speed: Speed | undefined): speed is Speed {
  return speed !== undefined && speed.webgpuMs > speed.wasmMs
}

function remembered({ webgpuMs, wasmMs }: Speed): DeviceSpeed {
  return { webgpuMs, wasmMs, isRemembered: true }
}

function isCpuKernels({ engine, device }: Rung): boolean {
  return engine === 'kernels' && device === 'wasm'
}

function describeSpeed({ webgpuMs, wasmMs }: DeviceSpeed): string {
  return `The model runs on WASM as that is faster here: a trial took ${wasmMs.toFixed(1)} ms, on WebGPU ${webgpuMs.toFixed(1)} ms`
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
