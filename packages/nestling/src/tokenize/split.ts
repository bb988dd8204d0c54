import type { FindMatches, Match } from './normalize/pattern.js'
import { unknownPart } from './tokenizer-json.js'

/** What happens to the matches when a text is split at them. */
export type SplitBehavior = 'Removed' | 'Isolated' | 'Contiguous' | 'MergedWithPrevious' | 'MergedWithNext'

/** Splits a text. */
export type Split = (text: string) => string[]

const MERGE: { readonly [Behavior in SplitBehavior]: (matches: Match[]) => Match[] } = {
  Removed: (matches) => matches.filter(({ isMatch }) => !isMatch),
  Isolated: (matches) => matches,
  Contiguous: (matches) => merge(matches, (match, before) => match.isMatch === before),
  MergedWithPrevious: (matches) => merge(matches, (match, before) => match.isMatch && !before),
  MergedWithNext: (matches) => merge(matches.toReversed(), (match, before) => match.isMatch && !before).toReversed(),
}

/**
 * Makes a function that splits texts.
 *
 * @param behavior - Where the matches go, by its name in tokenizer.json.
 * @param isInverted - Splits between the matches instead: what matches is kept and the rest is the delimiter.
 * @returns A function from a text to its pieces, none of them empty.
 * @throws {EmbedderError} `model-unsupported` if there is no such behaviour.
 * @see `NormalizedString::split` in `tokenizers/src/tokenizer/normalizer.rs`
 */
export function createSplit(find: FindMatches, behavior: string, isInverted = false): Split {
  if (!(behavior in MERGE)) throw unknownPart('split behavior', behavior)
  const merged = MERGE[behavior as SplitBehavior]
  return (text) => {
    const found = find(text)
    const matches = isInverted ? found.map((match) => ({ ...match, isMatch: !match.isMatch })) : found
    return merged(matches).flatMap(({ start, end }) => (start < end ? [text.slice(start, end)] : []))
  }
}

/** Joins each match to the one before where `joins` says so; what was before the first counts as no match. */
function merge(matches: Match[], joins: (match: Match, before: boolean) => boolean): Match[] {
  const merged: Match[] = []
  let before = false
  for (const match of matches) {
    const last = merged.at(-1)
    if (last !== undefined && joins(match, before)) {
      merged[merged.length - 1] = {
        start: Math.min(last.start, match.start),
        end: Math.max(last.end, match.end),
        isMatch: false,
      }
    } else {
      merged.push(match)
    }
    before = match.isMatch
  }
  return merged
}
