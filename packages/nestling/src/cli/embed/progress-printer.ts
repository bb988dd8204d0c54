import type { CommandContext } from '../command-context.js'
import { progressText, type EmbedProgress } from './progress-text.js'

/** Where no line can be written again, one comes so often. */
const INTERVAL_MS = 10_000

/** Shows how far a run is: in one line of a terminal, elsewhere in a line now and then. */
export class ProgressPrinter {
  readonly #context: CommandContext
  readonly #isQuiet: boolean
  #nextMs = INTERVAL_MS

  /** Prints nothing yet. */
  constructor(context: CommandContext, isQuiet: boolean) {
    this.#context = context
    this.#isQuiet = isQuiet
  }

  /** Shows it. */
  show(progress: EmbedProgress): void {
    if (this.#isQuiet) return
    const { terminal, printError } = this.#context
    if (terminal !== undefined) {
      // The last column would make some terminals begin a new line.
      terminal.rewrite(progressText(progress, terminal.columns - 1))
      return
    }
    if (progress.elapsedMs < this.#nextMs) return
    this.#nextMs = progress.elapsedMs + INTERVAL_MS
    printError(progressText(progress))
  }

  /** Takes the line of the terminal away. */
  end(): void {
    if (!this.#isQuiet) this.#context.terminal?.rewrite('')
  }
}
