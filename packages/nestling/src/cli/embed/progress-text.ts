/** How far a run is. */
export interface EmbedProgress {
  /** Rows that are done, those of earlier runs among them. */
  readonly rows: number
  /** Rows of this run. */
  readonly ownRows: number
  /** Milliseconds of this run. */
  readonly elapsedMs: number
  /** Part of the input that is done, from 0 to 1; `undefined` where its length is not known. */
  readonly fraction: number | undefined
  /** The same where this run began. */
  readonly startFraction: number
}

/** Cells of the bar. */
const CELLS = 20

const MS_PER_SECOND = 1000
const SECONDS_PER_MINUTE = 60
const SECONDS_PER_HOUR = 3600

/**
 * Says how far a run is, in one line.
 *
 * @param columns - Columns of the terminal; a longer text is cut. The bar is left out where there are few.
 */
export function progressText(progress: EmbedProgress, columns: number = Infinity): string {
  const { rows, ownRows, elapsedMs, fraction } = progress
  const rate = elapsedMs > 0 ? (ownRows * MS_PER_SECOND) / elapsedMs : 0
  const parts = [`${grouped(rows)} rows`, `${grouped(Math.round(rate))} rows/s`]
  const left = leftSeconds(progress)
  if (left !== undefined) parts.push(`${durationText(left)} left`)
  if (fraction === undefined) return parts.join('  ').slice(0, columns)
  const share = `${String(Math.floor(fraction * 100)).padStart(3)} %`
  const done = Math.round(fraction * CELLS)
  const bar = `${'#'.repeat(done)}${'.'.repeat(CELLS - done)}`
  const whole = [bar, share, ...parts].join('  ')
  return (whole.length < columns ? whole : [share, ...parts].join('  ')).slice(0, columns)
}

/** Seconds to come at the rate of this run. */
function leftSeconds({ fraction, startFraction, elapsedMs }: EmbedProgress): number | undefined {
  if (fraction === undefined || fraction <= startFraction) return undefined
  return ((1 - fraction) * elapsedMs) / (fraction - startFraction) / MS_PER_SECOND
}

/**
 * Writes a number of seconds as clocks do.
 *
 * @returns `m:ss`, or `h:mm:ss`.
 */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor((whole % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE)
  const rest = two(whole % SECONDS_PER_MINUTE)
  if (whole < SECONDS_PER_HOUR) return `${minutes}:${rest}`
  return `${Math.floor(whole / SECONDS_PER_HOUR)}:${two(minutes)}:${rest}`
}

function grouped(value: number): string {
  return value.toLocaleString('en-US')
}
