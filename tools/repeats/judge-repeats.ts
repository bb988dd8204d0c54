import type { Repeat } from './find-repeats.js'

/** Two files that may have the same lines. */
export interface KnownRepeat {
  readonly files: readonly [string, string]
  /** The longest that they share: more is a new copy. */
  readonly lines: number
  readonly reason: string
}

function isOf({ files }: KnownRepeat, { places }: Repeat): boolean {
  return places.every(({ file }) => files.includes(file))
}

/** Says what stands twice and is no exception, and which exception has nothing left to allow. */
export function judgeRepeats(repeats: readonly Repeat[], known: readonly KnownRepeat[]): string[] {
  const isKnown = (repeat: Repeat): boolean => known.some((one) => isOf(one, repeat) && repeat.lines <= one.lines)
  const found = repeats
    .filter((repeat) => !isKnown(repeat))
    .map(({ lines, places }) => {
      const [first, second] = places.map(({ file, start, end }) => `${file}:${start}-${end}`)
      return `${first} and ${second}  ${lines} equal lines: give them one home, or say in tools/repeats/known-repeats.ts why there are two`
    })
  const over = known
    .filter((one) => !repeats.some((repeat) => isOf(one, repeat)))
    .map(
      ({ files: [first, second] }) => `${first} and ${second}  share nothing any more: take them off known-repeats.ts`,
    )
  return [...found, ...over]
}
