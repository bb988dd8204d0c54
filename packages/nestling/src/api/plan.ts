import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { checkEnvironment, forbiddenFeatures } from './environment.js'
import { missingFeatures } from './missing-features.js'
import { importBundle } from '@nestling/kit/worker/import-bundle'
import { EmbedderError } from '../wire/embedder-error.js'
import type { LoadOptions } from './options/load-options.js'
import { resolveModel, type ModelSource } from './source/model-source.js'
import type { PackageEntry } from './package-entry.js'
import type { LoadPlan } from './plan-load.js'

/** What this browser can do. */
export interface Support {
  /** Whether models can run here at all. */
  readonly supported: boolean
  /** Whether `device: 'auto'` would find a hardware adapter. */
  readonly webgpu: boolean
  /** What is missing, a sentence each. */
  readonly reasons: readonly string[]
}

/**
 * Tells whether models can run here; downloads nothing and never throws, on a server neither.
 *
 * @returns What this browser can do.
 */
export async function isSupported(): Promise<Support> {
  const missing = missingHere()
  try {
    const { probeWebGpu } = await importBundle(() => import('./plan-load.js'), EmbedderError)
    const gpu = await probeWebGpu('auto')
    const webgpu = gpu.available && !gpu.isFallback
    const reasons = gpu.available ? missing : [...missing, gpu.reason]
    return { supported: missing.length === 0, webgpu, reasons }
  } catch (error) {
    return { supported: false, webgpu: false, reasons: [...missing, String(error)] }
  }
}

/**
 * Tells what a load would run and download, as one entry of the package does; `plan` of that entry says what it throws.
 *
 * @param model - What would be loaded.
 * @param options - Options of the caller.
 * @returns Device, runtime and bytes.
 */
export async function planThrough(entry: PackageEntry, model: ModelSource, options: LoadOptions): Promise<LoadPlan> {
  checkEnvironment(missingHere())
  const resolved = entry.resolveOptions(options)
  const source = resolveModel(model, resolved.hub)
  resolved.signal?.throwIfAborted()
  const { planLoad } = await importBundle(() => import('./plan-load.js'), EmbedderError)
  return untilAborted(planLoad(source, resolved, entry.bundledRuntimes), resolved.signal, () => undefined)
}

/** What the page lacks, and what its policy forbids. */
function missingHere(): readonly string[] {
  return [...missingFeatures(), ...forbiddenFeatures()]
}
