import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Embedder } from '../../api/embedder.js'
import type { LoadOptions } from '../../api/options/load-options.js'
import type { LoadPlan } from '../../api/plan-load.js'
import type { ModelSource } from '../../api/source/model-source.js'
import type { Matrix } from '../../math/matrix.js'

/** What commands use of nestling itself. */
export interface Library {
  readonly Matrix: typeof Matrix
  readonly load: (model: ModelSource, options?: LoadOptions) => Promise<Embedder>
  readonly plan: (model: ModelSource, options?: LoadOptions) => Promise<LoadPlan>
}

/**
 * Imports what `import 'nestling'` gives on Node. It is the built file beside this tool, so that both are of one version, and commands that need
 * no model do not load it.
 *
 * @param assetFolder - The package's `dist`.
 */
export async function importLibrary(assetFolder: string): Promise<Library> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(assetFolder, 'node.js')).href)) as Library
}
