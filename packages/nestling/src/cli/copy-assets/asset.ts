/** A file that a site is to serve. */
export interface Asset {
  /** Path below the target, with `/`. */
  readonly path: string
  /** Length in bytes. */
  readonly sizeBytes: number
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string
  /** Path of the file to copy, or the file's text. */
  readonly source: { readonly file: string } | { readonly text: string }
}
