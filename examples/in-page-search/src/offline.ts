/** A shell of half a megabyte comes in seconds on a slow line; a page that waits longer goes on without. */
const LIMIT_MS = 10_000

/**
 * Makes the page work without network from its next visit on.
 *
 * On the first visit it waits until the service worker has the page's own files and sees all further requests: the runtime that `load`
 * fetches is then kept too, and fetched once.
 *
 * @returns When the model may be loaded. Never rejects: a browser without service workers has no offline page, and that is all.
 */
export async function prepareOffline(): Promise<void> {
  // While one develops, a cache would show yesterday's code.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  const isControlled = new Promise<void>((resolve) => {
    serviceWorker.addEventListener('controllerchange', () => {
      resolve()
    })
    setTimeout(resolve, LIMIT_MS)
  })
  try {
    const { active } = await serviceWorker.register(new URL('./service-worker.js', document.baseURI))
    // A reload past the cache has an active one and is not controlled by it.
    if (active === null) await isControlled
  } catch {
    // Storage is blocked, as in some private windows.
  }
}
