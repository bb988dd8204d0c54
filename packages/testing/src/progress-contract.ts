/** What events of any call tell: a share of the whole, or counts. */
export interface AnyProgress {
  readonly fraction?: number
  readonly loadedBytes?: number
  readonly totalBytes?: number
  readonly done?: number
  readonly total?: number
}

/** How a call that was watched ended. */
export interface WatchedCall<T extends AnyProgress> {
  readonly outcome: 'done' | 'failed'
  /** What it gave, or failed with. */
  readonly value: unknown
  readonly events: readonly T[]
  /** Events that came after it had settled. */
  readonly late: readonly T[]
}

/** Longer than what was on its way between a worker and its page takes to come. */
const LATE_MS = 300

/**
 * Makes a call and waits a while after it has settled for what must not come any more.
 *
 * @param call - Makes the call; hands its listener over.
 * @returns What was told, and when.
 */
export async function watchProgress<T extends AnyProgress = AnyProgress>(
  call: (onProgress: (event: T) => void) => Promise<unknown>,
): Promise<WatchedCall<T>> {
  const events: T[] = []
  const late: T[] = []
  let isSettled = false
  let outcome: WatchedCall<T>['outcome'] = 'done'
  let value: unknown
  try {
    value = await call((event) => (isSettled ? late : events).push(event))
  } catch (error) {
    outcome = 'failed'
    value = error
  }
  isSettled = true
  await new Promise((resolve) => setTimeout(resolve, LATE_MS))
  return { outcome, value, events, late }
}

/**
 * Lists what is wrong with the progress of a call: shares from 0 to 1 that never fall, no more bytes or counts than in all, a total that
 * stays once it was told, 1 at the end of a call that succeeds, and nothing after its end.
 *
 * @returns Sentences; none where all is right.
 */
export function progressFaults({ outcome, events, late }: WatchedCall<AnyProgress>): string[] {
  const faults: string[] = []
  const shares = events.map(shareOf)
  shares.forEach((share, index) => {
    if (!(share >= 0 && share <= 1)) faults.push(`event ${index} has the share ${share}`)
    const before = shares[index - 1] ?? 0
    if (share < before) faults.push(`event ${index} falls from ${before} to ${share}`)
  })
  for (const [part, whole] of [
    ['loadedBytes', 'totalBytes'],
    ['done', 'total'],
  ] as const) {
    const totals = new Set(events.flatMap((event) => event[whole] ?? []))
    if (totals.size > 1) faults.push(`${whole} changes: ${[...totals].join(', ')}`)
    const firstTold = events.findIndex((event) => event[whole] !== undefined)
    events.forEach((event, index) => {
      if ((event[part] ?? 0) > (event[whole] ?? Infinity)) faults.push(`event ${index} has more ${part} than ${whole}`)
      const isForgotten = firstTold >= 0 && index > firstTold && event[part] !== undefined && event[whole] === undefined
      if (isForgotten) faults.push(`event ${index} does not tell ${whole} any more`)
    })
  }
  if (outcome === 'done' && shares.at(-1) !== 1) faults.push(`it ends at ${String(shares.at(-1))}`)
  if (late.length > 0) faults.push(`${late.length} events came after the end`)
  return faults
}

function shareOf({ fraction, done = 0, total = 1 }: AnyProgress): number {
  return fraction ?? done / total
}
