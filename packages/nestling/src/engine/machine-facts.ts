/** What computations here depend on. */
export interface Machine {
  readonly cores: number
  /** Gibibytes, which browsers round and cap at 8; `undefined` where nobody tells. */
  readonly memoryGib: number | undefined
  /** Whether threads may share memory. */
  readonly canShare: boolean
  /** Names what runs this code, and its version. */
  readonly userAgent: string
}
