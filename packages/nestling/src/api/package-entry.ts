import type { BundledRuntimes } from './source/asset-urls.js'
import type { LoadOptions, ResolvedLoadOptions } from './options/load-options.js'

/** What tells the entries `nestling` and `nestling/onnx` apart. */
export interface PackageEntry {
  /** Where a bundler put onnxruntime-web, of those builds that the entry names. */
  readonly bundledRuntimes: BundledRuntimes
  /** Checks options and fills in defaults. */
  readonly resolveOptions: (options: LoadOptions) => ResolvedLoadOptions
}
