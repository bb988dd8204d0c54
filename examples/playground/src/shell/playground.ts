import type { ModelSession } from '../model/model-session.js'

/** What panels share. */
export interface Playground {
  readonly session: ModelSession
  /**
   * Says something to screen readers.
   *
   * @param text - A short sentence.
   */
  announce(text: string): void
}

/** Fills the element of a panel; it is called once, when the panel is first shown. */
export type MountPanel = (root: HTMLElement, page: Playground) => void
