/** Where a command runs, and what it prints to. */
export interface CommandContext {
  /** The package's `dist`. */
  readonly assetFolder: string
  /** Working directory: paths are meant from here, and packages are found from here. */
  readonly cwd: string
  /** Prints a line to the standard output. */
  readonly print: (line: string) => void
  /** Prints a line to the standard error. */
  readonly printError: (line: string) => void
  /** The standard error, where it is a terminal whose line can be written again. */
  readonly terminal: Terminal | undefined
  /** Aborts with the first SIGINT or SIGTERM; its reason is a `CliError` that names the signal. */
  readonly interruption: AbortSignal
}

/** A line of a terminal. */
export interface Terminal {
  readonly columns: number
  /** Writes over the line; an empty text takes it away. */
  readonly rewrite: (text: string) => void
}
