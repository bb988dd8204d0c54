/**
 * Calls a listener of the application. What it throws goes to the page's error reporting and never into our work.
 *
 * @param listener - The listener, if there is one.
 * @param event - What to tell it.
 */
export function callListener<T>(listener: ((event: T) => void) | undefined, event: T): void {
  try {
    listener?.(event)
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}
