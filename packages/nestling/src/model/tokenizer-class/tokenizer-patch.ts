import { CLASS_RULES, textOf, type ClassInput, type ClassRules } from './class-parts.js'
import { samePart, sameTokens } from './same-part.js'
import { tokenizerClassOf } from './tokenizer-class.js'
import type { AddedToken, Json, TokenizerPatch } from './tokenizer-json.js'
import {
  contentOf,
  resolveSettings,
  TOKEN_NAMES,
  type AddedTokenEntry,
  type TokenizerConfigs,
  type TokenizerSettings,
} from './tokenizer-settings.js'

type Values = Readonly<Record<string, unknown>>

/**
 * Finds what transformers 5 replaces in tokenizer.json: most of its classes take nothing but the vocabulary from it and build the rest by
 * themselves, from tokenizer_config.json and the files beside it. transformers 4 did so with less: case, accents, ideographs, the space in
 * front, added tokens.
 *
 * @param json - tokenizer.json, parsed.
 * @param files - The files beside it.
 * @param modelConfig - config.json, parsed.
 * @returns The parts that differ; `undefined` where none does.
 */
export function tokenizerPatchOf(
  json: Values,
  files: TokenizerConfigs,
  modelConfig: Values,
): TokenizerPatch | undefined {
  const vocabulary = vocabularyOf(json['model'])
  if (vocabulary === undefined) return undefined
  const entries = Array.isArray(json['added_tokens']) ? (json['added_tokens'] as unknown[]) : []
  // The tokenizer itself refuses what else is there.
  const listed = entries.filter(isEntry)
  const settings = resolveSettings(files, listed)
  const declared = files.config?.['tokenizer_class'] ?? modelConfig['tokenizer_class']
  const found = tokenizerClassOf(modelConfig['model_type'], declared)
  const rules = found !== undefined && fits(CLASS_RULES[found], settings, vocabulary) ? CLASS_RULES[found] : undefined
  const added = addedTokensOf(settings, rules, listed)
  const whole = rules === undefined ? {} : partsOf(rules, { settings, json, vocabulary, added })
  const asked = found === undefined || rules !== undefined ? namesAskedFor(files, rules) : undefined
  const patch: TokenizerPatch = {
    ...whole,
    ...(asked && { post_processor: aroundOf(asked, rules, { settings, vocabulary, added }) }),
    ...(sameTokens(added, listed, vocabulary) ? {} : { added_tokens: added }),
  }
  const differing = Object.entries(patch).filter(([key, part]) => key === 'added_tokens' || !samePart(part, json[key]))
  return differing.length === 0 ? undefined : Object.fromEntries(differing)
}

function isEntry(entry: unknown): entry is AddedTokenEntry {
  return typeof (entry as Partial<AddedTokenEntry> | null)?.content === 'string'
}

/** Where a vocabulary is of another kind Python cannot load or use the folder at all: the file is the best that there is. */
function fits(rules: ClassRules, settings: TokenizerSettings, vocabulary: Vocabulary): boolean {
  if (rules.vocabulary !== vocabulary.kind) return false
  const unknown = tokenOf('unk_token', settings, rules)
  return rules.needsUnknown !== true || (unknown !== null && vocabulary.idOf(contentOf(unknown)) !== undefined)
}

/** The vocabulary of a model, as far as ids are asked for. */
export interface Vocabulary {
  readonly kind: 'list' | 'record'
  readonly size: number
  readonly idOf: (token: string) => number | undefined
}

function vocabularyOf(model: unknown): Vocabulary | undefined {
  const vocab = typeof model === 'object' && model !== null ? (model as { readonly vocab?: unknown }).vocab : undefined
  if (Array.isArray(vocab)) {
    const ids = new Map((vocab as (readonly [string])[]).map(([token], id) => [token, id]))
    return { kind: 'list', size: vocab.length, idOf: (token) => ids.get(token) }
  }
  if (typeof vocab !== 'object' || vocab === null) return undefined
  const ids = vocab as Readonly<Record<string, number>>
  const idOf = (token: string): number | undefined => (Object.hasOwn(ids, token) ? ids[token] : undefined)
  return { kind: 'record', size: Object.keys(ids).length, idOf }
}

/** @see `transformers.tokenization_utils_tokenizers.TokenizersBackend.__init__` */
function addedTokensOf(
  settings: TokenizerSettings,
  rules: ClassRules | undefined,
  listed: readonly AddedTokenEntry[],
): readonly AddedToken[] {
  const first: AddedToken[] = [...(rules === undefined ? listed : []), ...settings.added]
  const known = new Set(first.map(({ content }) => content))
  const named = namesOf(settings, rules)
    .map((name) => tokenOf(name, settings, rules))
    .filter((token) => token !== null)
  const extra = settings.extra ?? (rules?.extra ? rules.extra(settings) : settings.additional) ?? []
  const special = [...named, ...extra]
  const names = new Set(named.map(contentOf))
  // Of tokens with the same text the flags of the last count.
  const rest = special.filter((token) => !known.has(contentOf(token)))
  const tokens = [...first, ...rest].map((token): AddedToken => {
    if (typeof token === 'string') return { content: token, special: true }
    return names.has(token.content) ? { ...token, special: true } : token
  })
  if (rules?.addsPlain === true) tokens.push(...special.map((token) => ({ content: contentOf(token), special: true })))
  if (!settings.values['split_special_tokens']) return tokens.map(toWhole)
  const split = new Set(tokens.filter((token) => token.special === true).map(contentOf))
  return tokens.map((token) => ({ ...toWhole(token), ...(split.has(token.content) && { is_text: true }) }))
}

function namesOf({ named }: TokenizerSettings, rules: ClassRules | undefined): string[] {
  const own = [...named.keys()].filter((name) => !TOKEN_NAMES.includes(name))
  return [...TOKEN_NAMES.filter((name) => named.has(name) || rules?.tokens[name] !== undefined), ...own]
}

function tokenOf(
  name: string,
  { named, added }: TokenizerSettings,
  rules: ClassRules | undefined,
): AddedToken | string | null {
  const fallback = rules?.tokens[name]
  const given = named.get(name)
  if (given === undefined) {
    const content = fallback === undefined ? undefined : contentOf(fallback)
    return added.find((token) => token.content === content) ?? fallback ?? null
  }
  // A class gives its flags to a token that comes without any.
  return typeof given === 'string' && typeof fallback === 'object' ? { ...fallback, content: given } : given
}

function toWhole({
  content,
  single_word = false,
  lstrip = false,
  rstrip = false,
  special = false,
  normalized = !special,
}: AddedToken): AddedToken {
  return { content, single_word, lstrip, rstrip, normalized, special }
}

interface Context {
  readonly settings: TokenizerSettings
  readonly json: Values
  readonly vocabulary: Vocabulary
  readonly added: readonly AddedToken[]
}

function partsOf(rules: ClassRules, { settings, json, vocabulary, added }: Context): TokenizerPatch {
  const input: ClassInput = {
    settings,
    charsmap: charsmapOf(json['normalizer']),
    postProcessor: (json['post_processor'] ?? null) as Json,
    idInVocabulary: vocabulary.idOf,
  }
  const token = (name: string): AddedToken | string | null => tokenOf(name, settings, rules)
  const whole = rules.parts(input, token)
  // A WordPiece vocabulary has no merges, and a class of BPE takes it all the same.
  const parts = 'merges' in (json['model'] as object) || whole.model?.['type'] !== 'BPE' ? whole : withoutMerges(whole)
  const names = rules.around?.(input)
  return names === undefined
    ? parts
    : { ...parts, post_processor: aroundOf(names, rules, { settings, vocabulary, added }) }
}

type Names = readonly [before: string | undefined, after: string | undefined]

/** What goes around a text, by the names of the tokens. */
function aroundOf(
  names: Names,
  rules: ClassRules | undefined,
  { settings, vocabulary, added }: Omit<Context, 'json'>,
): Json {
  const token = (name: string): AddedToken | string | null => tokenOf(name, settings, rules)
  const ids = idsOf(added, vocabulary)
  const unknown = token('unk_token')
  const special = names.map((name, index): [string, number] | undefined => {
    const found = name === undefined ? null : token(name)
    const fixed = rules?.idsAround?.[index]
    if (found === null) return fixed === undefined ? undefined : [`${textOf(found)} ${index}`, fixed]
    const content = contentOf(found)
    return [content, ids(content) ?? (unknown === null ? undefined : ids(contentOf(unknown))) ?? 0]
  })
  return templateOf(special)
}

/** `tokenizer_args` may ask for tokens around a text; tokenizer_config.json may not, beside a tokenizer.json. */
function namesAskedFor({ overrides }: TokenizerConfigs, rules: ClassRules | undefined): Names | undefined {
  const keys = ['add_bos_token', 'add_eos_token'] as const
  if (rules?.around !== undefined || !keys.some((key) => Object.hasOwn(overrides, key))) return undefined
  return [overrides[keys[0]] ? 'bos_token' : undefined, overrides[keys[1]] ? 'eos_token' : undefined]
}

function withoutMerges(parts: TokenizerPatch): TokenizerPatch {
  return { ...parts, model: { ...parts.model, merges: [] } }
}

/** Numbers added tokens as Python's tokenizers do: those that the vocabulary has keep their ids. */
function idsOf(added: readonly AddedToken[], vocabulary: Vocabulary): (content: string) => number | undefined {
  const ids = new Map<string, number>()
  let next = vocabulary.size
  for (const { content } of added) {
    if (content !== '' && !ids.has(content)) ids.set(content, vocabulary.idOf(content) ?? next++)
  }
  return (content) => ids.get(content) ?? vocabulary.idOf(content)
}

function templateOf([before, after]: readonly ([string, number] | undefined)[]): Json {
  const pieceOf = (token: readonly [string, number] | undefined): Json[] =>
    token === undefined ? [] : [{ SpecialToken: { id: token[0], type_id: 0 } }]
  const tokens = [before, after].flatMap((token): [string, Json][] =>
    token === undefined ? [] : [[token[0], { id: token[0], ids: [token[1]], tokens: [token[0]] }]],
  )
  return {
    type: 'TemplateProcessing',
    single: [...pieceOf(before), { Sequence: { id: 'A', type_id: 0 } }, ...pieceOf(after)],
    special_tokens: Object.fromEntries(tokens),
  }
}

/** The first charsmap of a normalizer. */
function charsmapOf(normalizer: unknown): string | undefined {
  if (typeof normalizer !== 'object' || normalizer === null) return undefined
  const { type, normalizers, precompiled_charsmap: charsmap } = normalizer as Values
  if (type === 'Sequence' && Array.isArray(normalizers)) {
    const found = (normalizers as Values[]).find((each) => each['type'] === 'Precompiled')
    return found === undefined ? undefined : charsmapOf(found)
  }
  return type === 'Precompiled' && typeof charsmap === 'string' ? charsmap : undefined
}
