/**
 * Opens a channel to other tabs.
 *
 * @returns The channel; `undefined` where there are none, or the browser refuses one to this page. Nobody is heard then.
 */
export function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name)
  } catch {
    return undefined
  }
}

/**
 * Says something to other tabs.
 *
 * @param channel - The channel, if there is one.
 * @param message - What to say. Where the browser refuses that, nobody hears it.
 */
export function post(channel: BroadcastChannel | undefined, message: unknown): void {
  try {
    channel?.postMessage(message)
  } catch {
    // Who waits does without.
  }
}
