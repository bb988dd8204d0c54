import type { AddedToken } from './tokenizer-json.js'

type Values = Readonly<Record<string, unknown>>

/**
 * Tells whether two parts of tokenizer.json do the same to a text, however they are written: files of several years do not write
 * out the same defaults.
 *
 * @param one - A part, or the options of a model.
 * @param other - The part in the file; a model may have more keys.
 * @returns Whether they are the same. Parts that are the same by chance may count as different.
 */
export function samePart(one: unknown, other: unknown): boolean {
  const keys = keysOfModel(one)
  return JSON.stringify(plain(one, keys)) === JSON.stringify(plain(other, keys))
}

/** A model's vocabulary and merges are never replaced: they are left out. */
function keysOfModel(part: unknown): readonly string[] | undefined {
  const isModel = isObject(part) && ['BPE', 'Unigram', 'WordPiece'].includes(String(part['type']))
  return isModel ? Object.keys(part) : undefined
}

/** Writes a part with sorted keys, without what says nothing and with what older files leave unsaid. */
function plain(part: unknown, keys?: readonly string[]): unknown {
  if (Array.isArray(part)) return part.map((item: unknown) => plain(item))
  if (!isObject(part)) return part ?? null
  const around = wrapOf(part)
  if (around !== undefined) return around
  const known = keys === undefined ? part : Object.fromEntries(keys.map((key) => [key, part[key]]))
  // Options of a model are off where they are not there.
  const isBlank = (value: unknown): boolean =>
    value === null || value === undefined || value === '' || (keys !== undefined && value === false)
  const entries = Object.entries(withDefaults(known))
    .filter(([key, value]) => key !== 'trim_offsets' && !isBlank(value))
    .map(([key, value]): [string, unknown] => [key, plain(value)])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function withDefaults(part: Values): Values {
  if (part['type'] === 'Metaspace') {
    const { replacement, add_prefix_space: adds, prepend_scheme: scheme = 'always', split = true } = part
    return { type: 'Metaspace', replacement, prepend_scheme: adds === false ? 'never' : scheme, split }
  }
  if (part['type'] === 'ByteLevel') return { add_prefix_space: true, use_regex: true, ...part }
  return part
}

/** Ids before and after a text, of the processors that do no more. */
function wrapOf(part: Values): unknown {
  const { type, single, special_tokens: tokens, cls, sep } = part
  if (type === 'BertProcessing' || type === 'RobertaProcessing') {
    return [[(cls as unknown[])[1]], null, [(sep as unknown[])[1]]]
  }
  if (type !== 'TemplateProcessing' || !Array.isArray(single) || !isObject(tokens)) return undefined
  return (single as Values[]).map((piece) => {
    const special = piece['SpecialToken']
    return isObject(special) ? (tokens[String(special['id'])] as Values | undefined)?.['ids'] : null
  })
}

/**
 * Tells whether two lists of added tokens have the same tokens, with the same flags and the same ids.
 *
 * @param one - A list; of equal tokens the last counts.
 * @param other - Another.
 * @param vocabulary - Tells which of them have ids of their own.
 */
export function sameTokens(
  one: readonly AddedToken[],
  other: readonly AddedToken[],
  vocabulary: { readonly idOf: (token: string) => number | undefined },
): boolean {
  return JSON.stringify(rowsOf(one, vocabulary)) === JSON.stringify(rowsOf(other, vocabulary))
}

/** Tokens of the vocabulary by their ids, then the others in their order. */
function rowsOf(
  tokens: readonly AddedToken[],
  { idOf }: { readonly idOf: (token: string) => number | undefined },
): unknown[] {
  const flags = new Map<string, unknown[]>()
  for (const token of tokens) {
    const { content, single_word, lstrip, rstrip, special = false, normalized = !special, is_text } = token
    const set = [single_word, lstrip, rstrip, special, normalized, is_text].map(Boolean)
    if (content !== '') flags.set(content, set)
  }
  const rows = [...flags].map(([content, set]) => ({ content, set, id: idOf(content) ?? Infinity }))
  return rows.sort((a, b) => (a.id === b.id ? 0 : a.id - b.id))
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
