/**
 * Opens a channel to other tabs.
 *
 * @param name - Its name.
 * @returns The channel; `undefined` where there are none, or the browser refuses one to this page. Nobody is heard then.
 */
export function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name)
  } catch {
    return undefined
  }
}
