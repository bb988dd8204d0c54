/**
 * Makes a source of numbers that look random and are the same in every run: mulberry32.
 *
 * @param seed - Another seed gives other numbers.
 * @returns A function that gives the next number, from 0 on and below 1.
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
