/** A text of the map. */
export interface GroupedText {
  readonly text: string
  /** Name of its group; empty without one. */
  readonly group: string
}

/**
 * Reads one text a line; a line that begins with `#` names the group of those below.
 *
 * @param lines - What was typed.
 * @returns Texts, in order.
 */
export function readGroupedTexts(lines: string): readonly GroupedText[] {
  let group = ''
  const texts: GroupedText[] = []
  for (const line of lines.split('\n').map((text) => text.trim())) {
    if (line.startsWith('#')) group = line.replace(/^#+\s*/, '')
    else if (line !== '') texts.push({ text: line, group })
  }
  return texts
}
