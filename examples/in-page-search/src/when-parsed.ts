/**
 * Waits until the whole page has been parsed.
 *
 * The script is `async`, because a deferred one runs in the same task as the first layout of this long page, and their sum is
 * over 10 ms of main-thread time. For the same reason the answer comes in a task after `DOMContentLoaded`.
 */
export async function whenParsed(): Promise<void> {
  if (document.readyState !== 'loading') return
  await new Promise<void>((resolve) => {
    document.addEventListener('DOMContentLoaded', () => setTimeout(resolve), { once: true })
  })
}
