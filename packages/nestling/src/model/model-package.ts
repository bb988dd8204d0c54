/** One file of a model folder, as a model package or a manifest names it. */
export interface ModelFile {
  /** Path inside the folder, with `/`, such as `1_Pooling/config.json`. */
  readonly path: string
  /** Length in bytes. */
  readonly sizeBytes: number
  /** SHA-256 in lower-case hexadecimal; what arrives is checked against it. */
  readonly sha256: string
  /** Where to fetch it. */
  readonly url?: string
  /** Its text, when it is small enough to travel with the manifest; then there is no request. */
  readonly text?: string
}

/** A model that comes as an npm package: a manifest and URLs, no bytes at import. */
export interface ModelPackage {
  /** Name of the package. */
  readonly id: string
  /** Version of the package. */
  readonly version: string
  /** SPDX licence of the weights. */
  readonly license: string
  /** Where the weights come from. */
  readonly origin: string
  /** Dims the model was trained or rotated for, largest first. */
  readonly nestedDims: readonly number[]
  /** Every file of the model folder. */
  readonly files: readonly ModelFile[]
}
