/** A page in a background tab never paints. */
const LIMIT_MS = 2000

/**
 * Waits until the page shows something: what takes long begins after that.
 *
 * @returns When it does.
 */
export async function afterFirstPaint(): Promise<void> {
  const painted = new Promise<void>((resolve) => {
    const observer = new PerformanceObserver((entries) => {
      if (!entries.getEntriesByName('first-contentful-paint').length) return
      observer.disconnect()
      resolve()
    })
    observer.observe({ type: 'paint', buffered: true })
  })
  await Promise.race([painted, new Promise((resolve) => setTimeout(resolve, LIMIT_MS))])
}
