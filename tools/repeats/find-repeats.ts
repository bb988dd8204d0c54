import { Detector, MemoryStore, getModeByName, type IClone, type IMapFrame } from '@jscpd/core'
import { Tokenizer } from '@jscpd/tokenizer'

/** More equal lines than that are a second copy of something. */
export const MOST_EQUAL_LINES = 12

/** Fewer tokens are brackets and short names: lines of a list, not a copy. */
const LEAST_TOKENS = 30

/** A place in a file, lines counted from 1. */
interface Place {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** Two places with the same lines. */
export interface Repeat {
  /** The lines that are equal; comments between them count on neither side. */
  readonly lines: number
  readonly places: readonly [Place, Place]
}

function placeOf({ sourceId, start, end }: IClone['duplicationA']): Place {
  return { file: sourceId, start: start.line, end: end.line }
}

function lengthOf({ start, end }: Place): number {
  return end - start + 1
}

/** The lines of a place with words in them, from the last. The detector ends one token after what is equal, mostly on a line of its own. */
function lastLines({ start, end }: Place, text: string): { readonly line: number; readonly words: string }[] {
  const lines = text.split('\n').slice(start - 1, end)
  const numbered = lines.map((words, index) => ({ line: start + index, words: words.trim() }))
  return numbered.filter(({ words }) => words !== '').reverse()
}

/** Ends both places with the last line that is equal. */
function trimmed(places: readonly [Place, Place], texts: ReadonlyMap<string, string>): Repeat['places'] {
  const [first, second] = places.map((place) => lastLines(place, texts.get(place.file) ?? ''))
  const isEqual = first?.[0]?.words === second?.[0]?.words
  const end = (lines: typeof first, place: Place): Place => ({
    ...place,
    end: lines?.[isEqual ? 0 : 1]?.line ?? place.end,
  })
  return [end(first, places[0]), end(second, places[1])]
}

/** Finds what stands in two files, whatever its comments and white space are, longest first. */
export async function findRepeats(files: ReadonlyMap<string, string>): Promise<Repeat[]> {
  const options = {
    minLines: MOST_EQUAL_LINES,
    maxLines: Infinity,
    minTokens: LEAST_TOKENS,
    mode: getModeByName('weak'),
  }
  const isOfTwoFiles = { validate: (clone: IClone) => ({ status: filesOf(clone).size === 2 }) }
  const detector = new Detector(new Tokenizer(), new MemoryStore<IMapFrame>(), [isOfTwoFiles], options)
  const repeats: Repeat[] = []
  for (const [file, text] of files) {
    // Scripts are read as TypeScript too, so that both kinds are compared.
    for (const { duplicationA, duplicationB } of await detector.detect(file, text, 'typescript')) {
      const places = trimmed([placeOf(duplicationA), placeOf(duplicationB)], files)
      repeats.push({ lines: Math.min(...places.map(lengthOf)), places })
    }
  }
  return repeats.filter(({ lines }) => lines > MOST_EQUAL_LINES).sort((a, b) => b.lines - a.lines)
}

function filesOf({ duplicationA, duplicationB }: IClone): Set<string> {
  return new Set([duplicationA.sourceId, duplicationB.sourceId])
}
