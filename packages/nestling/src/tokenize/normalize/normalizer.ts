import { createBertNormalizer, type BertNormalizerJson } from './bert-normalizer.js'
import { toByteChars } from '../byte-level.js'
import { Charsmap } from './charsmap.js'
import { toLowerCase } from './lower-case.js'
import { toNormalForm } from './normal-form.js'
import { compilePattern } from './pattern.js'
import { unknownPart, type PartJson, type PatternJson } from '../tokenizer-json.js'
import { unicodeClass } from './unicode-sets.js'

/** Rewrites a text before it is cut into words. */
export type Normalizer = (text: string) => string

const NMT_REMOVED = /[\u0001-\u0008\u000B\u000E-\u001F\u007F\u008F\u009F]/g
const NMT_SPACE = /[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/g

/** A part's own options stand beside its `type`. */
const CREATE: Readonly<Record<string, (json: never) => Normalizer>> = {
  Sequence: (json: { readonly normalizers: readonly PartJson[] }) => createSequence(json.normalizers),
  BertNormalizer: (json: BertNormalizerJson) => createBertNormalizer(json),
  Precompiled: (json: { readonly precompiled_charsmap: string }) => {
    const charsmap = new Charsmap(json.precompiled_charsmap)
    return (text) => charsmap.normalize(text)
  },
  NFC: () => (text) => toNormalForm(text, 'NFC'),
  NFD: () => (text) => toNormalForm(text, 'NFD'),
  NFKC: () => (text) => toNormalForm(text, 'NFKC'),
  NFKD: () => (text) => toNormalForm(text, 'NFKD'),
  Lowercase: () => toLowerCase,
  Nmt: () => (text) => text.replace(NMT_REMOVED, '').replace(NMT_SPACE, ' '),
  StripAccents: () => {
    const marks = new RegExp(`[${unicodeClass('combining')}]`, 'gu')
    return (text) => text.replace(marks, '')
  },
  Strip: (json: { readonly strip_left?: boolean; readonly strip_right?: boolean }) => (text) => {
    const left = json.strip_left === true ? text.replace(/^\p{White_Space}+/u, '') : text
    return json.strip_right === true ? left.slice(0, endWithoutSpaces(left)) : left
  },
  Replace: (json: { readonly pattern: PatternJson; readonly content: string }) => createReplace(json),
  Prepend: (json: { readonly prepend: string }) => (text) => (text === '' ? '' : json.prepend + text),
  ByteLevel: () => toByteChars,
}

/**
 * Makes the normalizer of tokenizer.json.
 *
 * @returns The normalizer; without one, a text stays as it is.
 * @throws {EmbedderError} `model-unsupported` if its type is not known.
 */
export function createNormalizer(json: PartJson | null | undefined): Normalizer {
  if (json === null || json === undefined) return (text) => text
  if (!Object.hasOwn(CREATE, json.type)) throw unknownPart('normalizer', json.type)
  return (CREATE[json.type] as (json: PartJson) => Normalizer)(json)
}

function createSequence(parts: readonly PartJson[]): Normalizer {
  const normalizers = parts.map(createNormalizer)
  return (text) => normalizers.reduce((normalized, normalize) => normalize(normalized), text)
}

function createReplace({ pattern, content }: { pattern: PatternJson; content: string }): Normalizer {
  if ('String' in pattern) return (text) => text.replaceAll(pattern.String, () => content)
  const find = compilePattern(pattern)
  return (text) =>
    find(text)
      .map(({ start, end, isMatch }) => (isMatch ? content : text.slice(start, end)))
      .join('')
}

/** A regular expression for trailing spaces starts anew at every space of the text. */
function endWithoutSpaces(text: string): number {
  let end = text.length
  while (end > 0 && /\p{White_Space}/u.test(text.charAt(end - 1))) end--
  return end
}
