import { show } from '@nestling/kit/options/show'
import { EmbedderError } from '../wire/embedder-error.js'
import { loadThrough } from './load.js'
import { planThrough } from './plan.js'
import { resolveLoadOptions, type LoadOptions, type ResolvedLoadOptions } from './options/load-options.js'
import type { Embedder } from './embedder.js'
import type { PackageEntry } from './package-entry.js'
import type { LoadPlan } from './plan-load.js'
import type { ModelSource } from './source/model-source.js'

/** Our kernels: onnxruntime-web is for browsers. */
const NODE: PackageEntry = { bundledRuntimes: () => ({}), resolveOptions: resolveNodeOptions }

/** Loads a model into a thread of its own. */
export function load(model: ModelSource, options?: LoadOptions): Promise<Embedder> {
  return loadThrough(NODE, model, options ?? {})
}

/** Tells what `load` would run and download. */
export function plan(model: ModelSource, options?: LoadOptions): Promise<LoadPlan> {
  return planThrough(NODE, model, options ?? {})
}

/** What says where a page finds files, or how it starts workers. */
const OF_PAGES = ['assetBaseUrl', 'worker', 'workerUrl'] as const

function resolveNodeOptions(options: LoadOptions): ResolvedLoadOptions {
  const resolved = resolveLoadOptions(options)
  const given = OF_PAGES.find((name) => resolved[name] !== undefined)
  if (given !== undefined) {
    throw new TypeError(
      `Cannot load a model as ${given} is for pages: current value is ${show(options[given])}\nLeave it out: on Node all files lie in the package`,
    )
  }
  const { engine } = resolved
  if (engine === 'auto' || engine === 'kernels') return resolved
  throw new EmbedderError(
    'environment-unsupported',
    `Cannot load a model on Node as the engine ${engine} needs a browser\nLoad with engine: 'kernels', or leave it out`,
    { details: { engine } },
  )
}
