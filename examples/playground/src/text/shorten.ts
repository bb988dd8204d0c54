/** Characters of a text that stand for it in a line. */
const MOST_CHARACTERS = 160

/**
 * Shortens a text for a line or a label.
 *
 * @param text - A text of any length.
 * @param most - Characters that are kept.
 * @returns The text, or its beginning up to the end of a word, and an ellipsis.
 */
export function shorten(text: string, most: number = MOST_CHARACTERS): string {
  const characters = Array.from(text.slice(0, 2 * most + 2))
  if (characters.length <= most) return text
  const head = characters.slice(0, most).join('')
  const end = head.search(/\s+\S*$/)
  return `${end > most / 2 ? head.slice(0, end) : head}…`
}
