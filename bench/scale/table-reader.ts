/** Asks what the command wrote, as a server would. */
export interface TableReader {
  /** Names and versions of what answers. */
  readonly versions: string
  /** How rows are found without an index of their own, and with each that can be made. */
  readonly ways: readonly SearchWay[]
  count(): Promise<number>
  close(): Promise<void>
}

/** One way to find rows. */
export interface SearchWay {
  readonly name: string
  /** Makes what it needs. */
  prepare(): Promise<void>
  /** Ids of the nearest rows, the best first. */
  find(query: Float32Array, topK: number): Promise<readonly string[]>
}
