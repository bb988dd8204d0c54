/**
 * Lets messages that have arrived be handled, such as a cancel. A timer would do, but browsers stretch nested ones to 4 ms.
 *
 * @returns When they were.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
