/**
 * Characters that join the one before them: Extend, ZWJ and SpacingMark.
 *
 * @see {@link https://unicode.org/reports/tr29/#Grapheme_Cluster_Break_Property_Values | Unicode Standard Annex 29, table 2}
 */
const JOINS_BEFORE =
  /[\p{Grapheme_Extend}\p{Emoji_Modifier}\u200D\u0E33\u0EB3]|(?![\u102B\u102C\u1038\u1062-\u1064\u1067-\u106D\u1083\u1087-\u108C\u108F\u109A-\u109C\u1A61\u1A63\u1A64\uAA7B\uAA7D\u{11720}\u{11721}])\p{Mc}/u

/** Prepend: characters that join the one after them. */
const JOINS_AFTER =
  /[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u0D4E\u{110BD}\u{110CD}\u{111C2}\u{111C3}\u{113D1}\u{1193F}\u{11941}\u{11A84}-\u{11A89}\u{11D46}\u{11F02}]/u

/** Control: characters that join nothing. */
const STANDS_ALONE =
  /(?![\u200C\u200D\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?=\p{Cn})\p{Default_Ignorable_Code_Point}/u

/** No character below joins another, but for CR LF. */
const FIRST_THAT_JOINS = 0x300

/**
 * Finds where a grapheme cluster ends. `Intl.Segmenter` knows as well, but is slow and younger than some browsers.
 *
 * Hangul syllables, flags, emoji sequences and conjuncts are not joined: they take six bytes or more, and a charsmap only asks for
 * shorter clusters.
 */
export function clusterEnd(text: string, start: number): number {
  const first = text.charCodeAt(start)
  const second = text.charCodeAt(start + 1)
  if (first < FIRST_THAT_JOINS && !(second >= FIRST_THAT_JOINS)) {
    return first === 0x0d && second === 0x0a ? start + 2 : start + 1
  }
  let char = charAt(text, start)
  let end = start + char.length
  while (JOINS_AFTER.test(char) && end < text.length) {
    char = charAt(text, end)
    if (STANDS_ALONE.test(char)) return end
    end += char.length
  }
  if (STANDS_ALONE.test(char)) return end
  while (end < text.length) {
    char = charAt(text, end)
    if (!JOINS_BEFORE.test(char)) break
    end += char.length
  }
  return end
}

function charAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) as number)
}
