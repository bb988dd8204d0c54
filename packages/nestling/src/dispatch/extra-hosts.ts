import { takeWitness } from '../engine/kernels/claim-slot.js'
import type { HostKeeper } from '../host/keeper.js'
import type { KernelUrls, LoadedModel, LoadRequest, SharedModel } from '../wire/protocol.js'
import { within } from '@nestling/kit/calls/within'
import type { HostCaller } from './host-call.js'

/** Without bulk work for this long a worker beside the first is ended. */
const IDLE_MS = 30_000

/** Gives a function that makes a host beside the first one, which computes as that one does and shares its weights where it can. */
export function extraHosts(first: HostKeeper): (call: HostCaller) => HostKeeper {
  let asking: Promise<SharedModel | undefined> | undefined
  return (call) =>
    first.another((options) => ({
      ...options,
      request: requestLike(options.request, first.model),
      idleTimeoutMs: Math.min(options.idleTimeoutMs ?? IDLE_MS, IDLE_MS),
      onProgress: undefined,
      findShared: () => {
        const { model } = first.shared
        if (model !== undefined || !first.model.probe.isCrossOriginIsolated) return Promise.resolve(model)
        asking ??= askFor(first, call, options.limits.runMs).finally(() => {
          asking = undefined
        })
        return asking
      },
    }))
}

/** Has the first host tell what it shares; where it cannot, or hangs, others load the model themselves. */
async function askFor({ shared }: HostKeeper, call: HostCaller, limitMs: number): Promise<SharedModel | undefined> {
  try {
    const model = await within(
      call((host) => host.share()),
      limitMs,
    )
    if (model === undefined) return shared.keep(undefined)
    const witness = await takeWitness()
    return shared.keep({ ...model, witness: witness?.name }, witness?.release)
  } catch {
    return undefined
  }
}

/** All that the first host chose is asked for: other kernels would give other vectors. What it has proved needs no other proof. */
function requestLike(request: LoadRequest, { dtype, runtime }: LoadedModel): LoadRequest {
  const sameBuild = (urls: KernelUrls): KernelUrls =>
    Object.fromEntries(Object.entries(urls).filter(([build]) => build === runtime))
  const kernels = sameBuild(request.kernels)
  const sharedKernels = request.sharedKernels === undefined ? undefined : sameBuild(request.sharedKernels)
  // What the first one downloaded is what the others want.
  const weights = request.cache.weights === 'reload' ? 'auto' : request.cache.weights
  const cache = { ...request.cache, weights }
  return { ...request, engine: 'kernels', device: 'wasm', dtype, kernels, sharedKernels, verify: 'off', cache }
}
