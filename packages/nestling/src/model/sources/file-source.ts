/** Reads files of one model folder, wherever that is. */
export interface FileSource {
  /**
   * Reads a whole file.
   *
   * @param path - Path in the folder, with `/`.
   * @returns Its bytes.
   * @throws {EmbedderError} `model-not-found` if there is none, or another code by what went wrong.
   */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>

  /**
   * Tells whether a file is there, without reading it.
   *
   * @param path - Path in the folder, with `/`.
   * @returns Whether it is; `false` where the source cannot tell.
   */
  exists(path: string): Promise<boolean>
}
