import { editDistance } from '@nestling/kit/words/edit-distance'

/** More wrong letters than this are another word. */
const MOST_EDITS = 2

/**
 * Finds what somebody may have meant.
 *
 * @returns The nearest of the names; `undefined` where none is near.
 */
export function closestName(name: string, names: readonly string[]): string | undefined {
  const letters = codePoints(name)
  const near = names
    .map((other) => ({ other, edits: other.startsWith(name) && name.length > 2 ? 1 : edits(letters, other) }))
    // Two letters of three may be anything.
    .filter(({ other, edits: count }) => count <= MOST_EDITS && count * 2 < Math.max(other.length, letters.length))
  return near.sort((a, b) => a.edits - b.edits)[0]?.other
}

function edits(letters: readonly number[], other: string): number {
  return editDistance(letters, codePoints(other), MOST_EDITS)
}

function codePoints(text: string): number[] {
  return Array.from(text, (letter) => letter.codePointAt(0) ?? 0)
}

/**
 * Says what is there in the place of what is not.
 *
 * @param names - What is known.
 * @param prefix - What stands before each, such as dashes.
 */
export function didYouMean(name: string, names: readonly string[], prefix = ''): string {
  const closest = closestName(name, names)
  if (closest !== undefined) return `Did you mean ${prefix}${closest}?`
  return `It has ${names.map((known) => `${prefix}${known}`).join(', ')}`
}
