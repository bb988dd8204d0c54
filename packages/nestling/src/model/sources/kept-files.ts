/** What a server says of the version of a file that it sends. */
export interface SentVersion {
  readonly etag: string | undefined
  /** Commit of a hub's repository. */
  readonly commit: string | undefined
  readonly totalBytes: number | undefined
}

/** What was kept of a file that an earlier load did not finish. */
export interface KeptBytes {
  readonly loadedBytes: number
  readonly totalBytes: number
  /** A download goes on only where the server still has that version. */
  readonly etag: string
}

/** Keeps the bytes of one file while they arrive. */
export interface DownloadWriter {
  /**
   * Is asked before the first request.
   *
   * @returns What an earlier load left, if it can be continued.
   * @throws {EmbedderError} `model-not-found` where the network must not be asked.
   */
  open(): Promise<KeptBytes | undefined>

  /**
   * Reads what an earlier load left.
   *
   * @param into - Takes it, from its start on.
   * @returns Whether it is as it was written; else the file has to be read from its start.
   */
  readKept(into: Uint8Array<ArrayBuffer>): Promise<boolean>

  /**
   * Compares what a server sends with the other files of the load.
   *
   * @param commit - Commit of the hub's repository; `undefined` where the server does not tell.
   * @throws {EmbedderError} `integrity-mismatch` if the repository has changed since the first file.
   */
  checkCommit(commit: string | undefined): void

  /**
   * Starts from the first byte; what was kept is gone.
   *
   * @param version - What the server says.
   * @throws {EmbedderError} `quota-exceeded` if there is no room for it and that is to end the load.
   */
  start(version: SentVersion): Promise<void>

  /**
   * Takes bytes that arrived. It resolves when more may come.
   *
   * @param buffer - The file so far.
   * @param length - How much of the buffer has arrived.
   * @throws {EmbedderError} `quota-exceeded` if there is no room and that is to end the load.
   */
  write(buffer: Uint8Array<ArrayBuffer>, length: number): Promise<void>

  /**
   * Takes the end of the file. Only now it may be read by a later load.
   *
   * @param bytes - The whole file, which is right.
   * @param sha256 - Its digest, where it is known.
   * @throws {EmbedderError} `quota-exceeded` if there is no room and that is to end the load.
   */
  finish(bytes: Uint8Array<ArrayBuffer>, sha256: string | undefined): Promise<void>

  /**
   * Says that it could not be read.
   *
   * @param error - Why.
   */
  fail(error: unknown): Promise<void>
}

/** How a file that is kept is read. */
export interface ReadHow {
  /** Told about bytes. */
  readonly onBytes?: ((count: number) => void) | undefined
  /** Digest that the package gives; an imported model may claim to be any. */
  readonly sha256?: string | undefined
}

/** Where the files of one model are kept between visits, as one load sees it. */
export interface KeptFiles {
  /**
   * Tells what is known of a file without the network.
   *
   * @param path - Path in the folder.
   * @returns Its length where it is kept, `absent` where the model is known to have none, else `undefined`.
   */
  lookUp(path: string): { readonly sizeBytes: number } | 'absent' | undefined

  /**
   * Reads a file that is kept.
   *
   * @param path - Path in the folder.
   * @param how - What is expected of it.
   * @returns Its bytes, as they were written.
   * @throws {EmbedderError} `integrity-mismatch` if they are damaged or have another digest, `out-of-memory`, `store-unavailable`
   */
  read(path: string, how?: ReadHow): Promise<Uint8Array<ArrayBuffer>>

  /**
   * Makes what keeps a file that has to be downloaded.
   *
   * @param path - Path in the folder.
   */
  sinkOf(path: string): DownloadWriter

  /**
   * Notes that the model has no such file.
   *
   * @param path - Path in the folder.
   */
  noteAbsent(path: string): void

  /**
   * Tells the digest of a file that was read.
   *
   * @param path - Path in the folder.
   * @returns 64 hexadecimal digits; `undefined` where it is not known.
   */
  sha256Of(path: string): string | undefined

  /**
   * Notes the digest of a file that was read, so that it need not be computed again.
   *
   * @param path - Path in the folder.
   * @param sha256 - 64 hexadecimal digits.
   */
  noteSha256(path: string, sha256: string): void

  /** Whether the network must not be asked. */
  readonly isOffline: boolean
}
