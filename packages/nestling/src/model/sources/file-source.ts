import type { DownloadWriter } from './kept-files.js'

/** Reads files of one model folder, wherever that is. */
export interface FileSource {
  /**
   * Reads a whole file.
   *
   * @param path - Path in the folder, with `/`.
   * @param sink - Keeps what comes over a network.
   * @returns Its bytes.
   * @throws {EmbedderError} `model-not-found` if there is none, or another code by what went wrong.
   */
  read(path: string, sink?: DownloadWriter): Promise<Uint8Array<ArrayBuffer>>

  /**
   * Tells whether a file is there, without reading it.
   *
   * @param path - Path in the folder, with `/`.
   * @returns Whether it is; `false` where the source cannot tell.
   */
  exists(path: string): Promise<boolean>

  /**
   * Tells the digest of a file that was read, where the source knows it.
   *
   * @param path - Path in the folder, with `/`.
   * @returns 64 hexadecimal digits, or `undefined`.
   */
  sha256Of?(path: string): string | undefined

  /**
   * Takes the digest of a file that was read, to know it next time.
   *
   * @param path - Path in the folder, with `/`.
   * @param sha256 - 64 hexadecimal digits.
   */
  noteSha256?(path: string, sha256: string): void

  /**
   * Takes note that a file which a server refused is not there.
   *
   * @param path - Path in the folder, with `/`.
   */
  noteAbsent?(path: string): void

  /**
   * Tells where a file is read from.
   *
   * @param path - Path in the folder, with `/`.
   * @returns Its URL without secrets; `undefined` where it has none.
   */
  urlOf?(path: string): string | undefined
}
