import type { EmbedderWarning, WarningKind, WarningListener } from '../wire/warning.js'
import { callListener } from '@nestling/kit/calls/call-listener'

/** Collects warnings: each kind is told once. */
export class Warnings {
  readonly #listener: WarningListener | undefined
  readonly #raised: EmbedderWarning[] = []

  /**
   * Starts without any.
   *
   * @param listener - The application's listener.
   */
  constructor(listener: WarningListener | undefined) {
    this.#listener = listener
  }

  /** Those raised so far. */
  get all(): readonly EmbedderWarning[] {
    return [...this.#raised]
  }

  /**
   * Raises a warning, unless one of its kind was raised before.
   *
   * @param message - For a person: what happened and what to do.
   */
  raise(kind: WarningKind, message: string): void {
    if (this.#raised.some((raised) => raised.kind === kind)) return
    const warning = { kind, message }
    this.#raised.push(warning)
    callListener(this.#listener, warning)
  }
}
