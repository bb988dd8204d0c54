/** A direction of an arrow key, to the right and down. */
export interface Direction {
  readonly x: number
  readonly y: number
}

/** How much a step to the side counts against one ahead: the dot ahead is meant, if there is one. */
const SIDE_WEIGHT = 2

/**
 * Finds the dot that an arrow key leads to.
 *
 * @param points - Coordinates `x, y` of all dots.
 * @returns The dot; `undefined` where none lies ahead.
 */
export function neighbourInDirection(points: Float32Array, from: number, direction: Direction): number | undefined {
  const [x0 = 0, y0 = 0] = points.subarray(2 * from, 2 * from + 2)
  let best: number | undefined
  let bestDistance = Infinity
  for (let index = 0; index < points.length / 2; index++) {
    if (index === from) continue
    const dx = (points[2 * index] ?? 0) - x0
    const dy = (points[2 * index + 1] ?? 0) - y0
    const ahead = dx * direction.x + dy * direction.y
    const aside = Math.abs(dx * direction.y + dy * direction.x)
    if (ahead <= 0) continue
    const distance = ahead + SIDE_WEIGHT * aside
    if (distance < bestDistance) [best, bestDistance] = [index, distance]
  }
  return best
}
