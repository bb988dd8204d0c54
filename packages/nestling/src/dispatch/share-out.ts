import type { KeptHost } from '../host/kept-host.js'
import type { LoadedModel } from '../wire/protocol.js'

/** Most workers that are started unasked: beyond it memory grows faster than speed. */
const MAX_AUTO_WORKERS = 4

/** Units of a call from which on hosts that are there share it. */
const SHARED_UNITS = 4000

/** Units from which on it starts hosts: they load in the time that some hundred sentences take. */
const STARTING_UNITS = 16_000

/** How often in a row calls may have to leave a host beside the first before it gets no more of them. */
const MAX_LEAVES = 3

/** A host, and what it was good for so far. Only the dispatcher changes it. */
export interface Desk {
  readonly host: KeptHost
  /** Whether it loaded the model first, and is the last that a call may leave. */
  readonly isFirst: boolean
  /** Jobs that it is at, where it is at them alone. */
  running: readonly number[]
  /** Times in a row that it failed without a row done. */
  failures: number
  /** Calls in a row that had to leave it. */
  leaves: number
}

/** Whether a host is of any use for bulk work. */
export function isUsable({ isFirst, leaves }: Readonly<Desk>): boolean {
  return isFirst || leaves < MAX_LEAVES
}

/** Which hosts a call of so many units is worth: the idlest one, all that are ready, or all that there may be. */
export function shareOf(units: number): 'one' | 'ready' | 'all' {
  if (units < SHARED_UNITS) return 'one'
  return units < STARTING_UNITS ? 'ready' : 'all'
}

/** More workers than cores would only take turns, and each takes the model's size unless weights are shared; a GPU is there once. */
export function mostHosts({ engine, device, probe }: LoadedModel, workers: number | 'auto'): number {
  if (engine !== 'kernels' || device === 'webgpu') return 1
  if (workers !== 'auto') return workers
  return probe.memoryTier === 'low' ? 1 : Math.max(1, Math.min(MAX_AUTO_WORKERS, probe.hardwareConcurrency))
}

/** Whether a host computes as the first one does: that one may have changed its ways, or the files theirs. */
export function computesLike(model: LoadedModel, first: LoadedModel): boolean {
  return (['spaceId', 'engine', 'runtime', 'dtype'] as const).every((key) => model[key] === first[key])
}
