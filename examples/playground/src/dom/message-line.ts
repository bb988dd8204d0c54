import { isEmbedderError } from 'nestling'

/** The line of a panel that says what is going on, and the bar above it. */
export class MessageLine {
  readonly #line: HTMLElement
  readonly #bar: HTMLProgressElement | undefined

  /**
   * Takes an empty line.
   *
   * @param line - Shows sentences.
   * @param bar - Shows progress.
   */
  constructor(line: HTMLElement, bar?: HTMLProgressElement) {
    this.#line = line
    this.#bar = bar
    bar?.classList.add('is-idle')
  }

  /**
   * Says something, and hides the bar unless there is a share.
   *
   * @param text - A sentence.
   * @param share - What is done, 0 to 1.
   */
  say(text: string, share?: number): void {
    this.#line.classList.remove('is-failure')
    if (this.#line.textContent !== text) this.#line.textContent = text
    this.#bar?.classList.toggle('is-idle', share === undefined)
    if (this.#bar !== undefined && share !== undefined) this.#bar.value = share
  }

  /**
   * Puts an error into words. An abort is none: somebody wanted it.
   *
   * @param error - What was caught.
   */
  fail(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') {
      this.say('Stopped')
      return
    }
    const message = error instanceof Error ? error.message : String(error)
    this.say(isEmbedderError(error) ? `${error.code}: ${message}` : message)
    this.#line.classList.add('is-failure')
  }
}
