/** A file that is wholly stored. Its bytes are chunks `0 … chunkSha256.length - 1` of the same model, generation and path. */
export interface StoredFile {
  readonly path: string
  readonly sizeBytes: number
  /** Digest of the whole file, where it is known; the bytes were found to have it. */
  readonly sha256: string | undefined
  /** Digest of each chunk. */
  readonly chunkSha256: readonly string[]
  /** Bytes of all chunks but the last. */
  readonly chunkBytes: number
  /** What the server named this version of the file. */
  readonly etag: string | undefined
}

/** The manifest of a model: it is written last, so a model that has one is whole. */
export interface StoredModel {
  /** The key of the store, which names the source of the files: never their content. */
  readonly key: string
  /** Name for people. */
  readonly name: string
  /** Tells the chunks of this version from those of another one that is being downloaded. */
  readonly generation: string
  readonly files: readonly StoredFile[]
  /** Files that were looked for and are not there, so that a visit without network knows it too. */
  readonly absentPaths: readonly string[]
  /** Commit of the hub's repository. */
  readonly commit: string | undefined
  /** Bytes of all files. */
  readonly sizeBytes: number
  /** When it was stored, in milliseconds since 1970. */
  readonly storedAt: number
}

/** What a server says of the version of a file. */
export interface FileVersion {
  /** Names the version on the server; a download goes on only where it still has that one. */
  readonly etag: string | undefined
  readonly commit: string | undefined
  /** Length of the whole file, where the server told it. */
  readonly totalBytes: number | undefined
}

/** A file that is being downloaded. Written in one transaction with each chunk; a model without manifest has only these. */
export interface StoredDownload extends FileVersion {
  readonly path: string
  readonly generation: string
  /** Bytes that are stored. */
  readonly loadedBytes: number
  readonly chunkSha256: readonly string[]
  /** Bytes of all chunks but the last. */
  readonly chunkBytes: number
  /** Whether all of it is here: the manifest waits for other files. */
  readonly isComplete: boolean
  readonly sha256: string | undefined
  readonly updatedAt: number
}

/**
 * Bytes of a chunk: large enough that a model is some dozens of records, small enough that a page may read one. Chromium took 23 ms of the main
 * thread for a record of 4 MiB, 5 to 8 ms for one of 1 MiB.
 */
export const CHUNK_BYTES: number = 2 ** 19
