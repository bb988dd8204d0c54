/** Runs steps to their end, without a pause, and counts the stops. */
export function finish<T>(steps: Generator<undefined, T, undefined>): { readonly result: T; readonly stops: number } {
  for (let stops = 0; ; stops++) {
    const step = steps.next()
    if (step.done === true) return { result: step.value, stops }
  }
}
