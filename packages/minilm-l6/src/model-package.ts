/** Describes one file of the model folder. */
export interface ModelFile {
  /** Path inside the folder, with `/`, such as `1_Pooling/config.json`. */
  readonly path: string
  /** Length in bytes. */
  readonly sizeBytes: number
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string
  /** Where to fetch it; absent where there is a `text`. */
  readonly url?: string
  /** Its text, where it is small enough to travel with the manifest; then there is no request. */
  readonly text?: string
}

/**
 * Describes a model that comes as an npm package: a manifest and URLs, no bytes at import.
 *
 * Intentionally equal to the interface that `nestling` exports and not imported from there: types match by shape, and a
 * model package without dependencies can be published on its own.
 */
export interface ModelPackage {
  /** Name of the package. */
  readonly id: string
  /** Version of the package. */
  readonly version: string
  /** SPDX licence of the weights. */
  readonly license: string
  /** Where the weights come from, and what was changed. */
  readonly origin: string
  /** Dims whose prefixes are good embeddings, largest first. */
  readonly nestedDims: readonly number[]
  /** Every file of the model folder. */
  readonly files: readonly ModelFile[]
}
