/** Size of the drawing, in its own units. */
export const WIDTH = 800
export const HEIGHT = 600

const MARGIN = 24

/** Distance of two dots at which both can be seen and hit. */
const LEAST_DISTANCE = 21

/** Rounds of pushing apart; in a crowd without room it ends with dots that touch. */
const MOST_ROUNDS = 60

/**
 * Places points in the drawing: scales them to its size, and pushes dots apart that would cover each other.
 *
 * @param plane - Coordinates `x, y` of each, of any scale.
 * @returns Coordinates in the drawing.
 */
export function placeDots(plane: Float32Array): Float32Array {
  const points = fit(plane)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (!pushApart(points)) break
  }
  return points
}

/** Both axes alike would leave a flat cloud flat, and distances of a projection are not to scale anyway. */
function fit(plane: Float32Array): Float32Array {
  const points = new Float32Array(plane.length)
  for (const [axis, size] of [WIDTH, HEIGHT].entries()) {
    const values = plane.filter((_, index) => index % 2 === axis)
    const low = values.reduce((a, b) => Math.min(a, b), Infinity)
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
    const scale = high > low ? (size - 2 * MARGIN) / (high - low) : 0
    for (const [row, value] of values.entries()) {
      points[2 * row + axis] = scale === 0 ? size / 2 : MARGIN + (value - low) * scale
    }
  }
  return points
}

function pushApart(points: Float32Array): boolean {
  const count = points.length / 2
  let isMoved = false
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const dx = (points[2 * b] ?? 0) - (points[2 * a] ?? 0)
      const dy = (points[2 * b + 1] ?? 0) - (points[2 * a + 1] ?? 0)
      const distance = Math.hypot(dx, dy)
      if (distance >= LEAST_DISTANCE) continue
      isMoved = true
      // Equal texts lie on one point: any direction parts them, and one that depends on the pair parts many.
      const [x, y] = distance < 0.01 ? [Math.cos(a + b), Math.sin(a + b)] : [dx / distance, dy / distance]
      const push = (LEAST_DISTANCE - distance) / 2
      move(points, a, { x: -x * push, y: -y * push })
      move(points, b, { x: x * push, y: y * push })
    }
  }
  return isMoved
}

function move(points: Float32Array, index: number, by: { readonly x: number; readonly y: number }): void {
  const [x = 0, y = 0] = points.subarray(2 * index, 2 * index + 2)
  points[2 * index] = Math.min(WIDTH - MARGIN, Math.max(MARGIN, x + by.x))
  points[2 * index + 1] = Math.min(HEIGHT - MARGIN, Math.max(MARGIN, y + by.y))
}
