/** Unicode's normalization forms. */
export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'

/**
 * Code points that decompose, combine or reorder in today's Unicode and not in Unicode 9, at which Python's tokenizers stopped. Whole
 * blocks where all is newer.
 *
 * @see `unicode-normalization-alignments`, `src/tables.rs`
 */
const NEWER_THAN_UNICODE_9 = new RegExp(
  '[\\u07FD\\u0897-\\u089F\\u08CA-\\u08D3\\u09FE\\u0C3C\\u0D3B\\u0D3C\\u0EBA\\u1715\\u1ABF-\\u1AFF\\u1DF6-\\u1DFA\\u32FF' +
    '\\uA7F1-\\uA7F4\\uA82C\\uAB69\\u{105C0}-\\u{105FF}\\u{10780}-\\u{107BF}\\u{10D24}-\\u{10D27}\\u{10D69}-\\u{10D6D}' +
    '\\u{10EAB}\\u{10EAC}\\u{10EFA}-\\u{10EFF}\\u{10F46}-\\u{10F50}\\u{10F82}-\\u{10F85}\\u{11070}\\u{1133B}' +
    '\\u{11380}-\\u{113FF}\\u{1145E}\\u{11839}\\u{1183A}\\u{11900}-\\u{1195F}\\u{119E0}\\u{11A34}\\u{11A47}\\u{11A99}' +
    '\\u{11D42}\\u{11D44}\\u{11D45}\\u{11D97}\\u{11F41}\\u{11F42}\\u{16100}-\\u{1613F}\\u{16D40}-\\u{16D7F}' +
    '\\u{16FF0}\\u{16FF1}\\u{1CCD6}-\\u{1CCF9}\\u{1E030}-\\u{1E08F}\\u{1E130}-\\u{1E136}\\u{1E2AE}\\u{1E2EC}-\\u{1E2EF}' +
    '\\u{1E4EC}-\\u{1E4EF}\\u{1E5EE}\\u{1E5EF}\\u{1E6C0}-\\u{1E6FF}\\u{1F16C}\\u{1FBF0}-\\u{1FBF9}]+',
  'u',
)

/** Keeps what it splits at. */
const AROUND_NEWER = new RegExp(`(${NEWER_THAN_UNICODE_9.source})`, 'u')

/** Nothing below the combining marks changes in NFC, and nothing below Latin-1 in any form. */
const UNCHANGED = { NFC: /^[\0-\u02FF]*$/, NFD: /^[\0-\x7F]*$/, NFKC: /^[\0-\x7F]*$/, NFKD: /^[\0-\x7F]*$/ }

/**
 * Normalizes with the rules of Unicode 9.
 *
 * A code point that Unicode 9 lacks neither changes nor combines nor lets others pass, so the text between is normalized piece by piece.
 *
 * @returns The normalized text.
 */
export function toNormalForm(text: string, form: NormalForm): string {
  if (UNCHANGED[form].test(text)) return text
  if (!NEWER_THAN_UNICODE_9.test(text)) return text.normalize(form)
  return text
    .split(AROUND_NEWER)
    .map((piece, index) => (index % 2 === 1 ? piece : piece.normalize(form)))
    .join('')
}
