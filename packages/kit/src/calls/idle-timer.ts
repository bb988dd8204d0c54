/**
 * Does something after a time in which nothing is waited for: it keeps no process alive.
 *
 * @returns For `clearTimeout`.
 */
export function idleTimer(work: () => void, delayMs: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(work, delayMs)
  // Browsers give a number.
  ;(timer as unknown as { readonly unref?: () => void }).unref?.()
  return timer
}
