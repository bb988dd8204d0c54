import type { AddedToken } from './tokenizer-json.js'

type Values = Readonly<Record<string, unknown>>

/** Files beside tokenizer.json that say something of the tokenizer, parsed; `undefined` where a folder lacks one. */
export interface TokenizerConfigs {
  /** tokenizer_config.json. */
  readonly config: Values | undefined
  /** special_tokens_map.json. */
  readonly specialTokensMap: Values | undefined
  /** added_tokens.json. */
  readonly addedTokens: Values | undefined
  /** What sentence_bert_config.json gives to the tokenizer: it goes before all files. */
  readonly overrides: Values
}

/** What a tokenizer of transformers is constructed with. */
export interface TokenizerSettings {
  readonly values: Values
  /** Special tokens by name (`cls_token`); `null` where there is to be none. */
  readonly named: ReadonlyMap<string, AddedToken | string | null>
  /** Special tokens without a name: `extra_special_tokens`; `undefined` where there is no such key. */
  readonly extra: readonly (AddedToken | string)[] | undefined
  /** The same under their old name, which counts where the new one is not there. */
  readonly additional: readonly (AddedToken | string)[] | undefined
  /** Tokens that are added whatever the class does, in their order. */
  readonly added: readonly AddedToken[]
}

/** Names of special tokens that every class has, in the order in which they are added. */
export const TOKEN_NAMES: readonly string[] = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].map(
  (name) => `${name}_token`,
)

/**
 * Brings the files of a tokenizer together as transformers does: old files count only where tokenizer_config.json has no
 * `added_tokens_decoder`.
 *
 * @param tokens - `added_tokens` of tokenizer.json.
 * @see `transformers.tokenization_utils_base.PreTrainedTokenizerBase._from_pretrained`
 */
export function resolveSettings(files: TokenizerConfigs, tokens: readonly AddedTokenEntry[]): TokenizerSettings {
  const values: Record<string, unknown> = { ...files.config, ...files.overrides }
  if (values['additional_special_tokens'] !== undefined && !isTruthy(values['extra_special_tokens'])) {
    values['extra_special_tokens'] = values['additional_special_tokens']
    delete values['additional_special_tokens']
  }
  const own: Record<string, unknown> = Object.fromEntries(
    Object.entries(values).filter(
      ([key, value]) => key.endsWith('_token') && !TOKEN_NAMES.includes(key) && isToken(value),
    ),
  )
  takeNamedExtra(values, own)
  const decoder = values['added_tokens_decoder']
  const added = isObject(decoder) ? ofDecoder(decoder) : ofOldFiles({ files, values, own, tokens })
  const known = new Map(added.map((token) => [token.content, token]))
  const named = new Map(
    [...TOKEN_NAMES, ...Object.keys(own)].flatMap((name): [string, AddedToken | string | null][] => {
      const value = Object.hasOwn(own, name) ? own[name] : values[name]
      if (value === undefined) return []
      const token = toToken(value)
      return [[name, token === null ? null : (known.get(contentOf(token)) ?? token)]]
    }),
  )
  const extra = toTokens(values['extra_special_tokens'])
  return { values, named, extra, additional: toTokens(values['additional_special_tokens']), added }
}

/** An entry of `added_tokens` as it stands in tokenizer.json. */
export interface AddedTokenEntry extends AddedToken {
  readonly id: number
}

/**
 * Gives the text of a token.
 *
 * @param token - The token, with flags or without.
 */
export function contentOf(token: AddedToken | string): string {
  return typeof token === 'string' ? token : token.content
}

interface OldFiles {
  readonly files: TokenizerConfigs
  readonly values: Record<string, unknown>
  readonly own: Record<string, unknown>
  readonly tokens: readonly AddedTokenEntry[]
}

/** Tokens of added_tokens.json and of tokenizer.json, after special_tokens_map.json has had its say. */
function ofOldFiles({ files, values, own, tokens }: OldFiles): AddedToken[] {
  for (const [key, value] of Object.entries(files.specialTokensMap ?? {})) {
    if (isTruthy(files.overrides[key])) continue
    if (key === 'extra_special_tokens' && Array.isArray(value)) {
      const before = Array.isArray(values[key]) ? (values[key] as unknown[]) : []
      const others = (value as unknown[]).filter((token) => !before.includes(token))
      values[key] = [...before, ...others.map((token) => (isObject(token) ? { ...token, special: true } : token))]
    } else {
      values[key] = isObject(value) && key !== 'extra_special_tokens' ? { ...value, special: true } : value
    }
  }
  takeNamedExtra(values, own)
  const special = new Set(
    [...TOKEN_NAMES.map((name) => values[name]), ...toList(values['extra_special_tokens'])].flatMap((value) => {
      const token = toToken(value)
      return token === null ? [] : [contentOf(token)]
    }),
  )
  const byId = new Map<number, AddedToken>()
  for (const [content, id] of Object.entries(files.addedTokens ?? {})) {
    byId.set(Number(id), { content, normalized: !special.has(content), special: special.has(content) })
  }
  for (const { id, ...token } of tokens) byId.set(id, token)
  return sorted(byId)
}

function ofDecoder(decoder: Values): AddedToken[] {
  const entries = Object.entries(decoder).map(([id, value]): [number, AddedToken] => [Number(id), value as AddedToken])
  return sorted(new Map(entries.filter(([, token]) => isObject(token) && typeof token.content === 'string')))
}

function sorted(byId: ReadonlyMap<number, AddedToken>): AddedToken[] {
  return [...byId].sort(([a], [b]) => a - b).map(([, token]) => token)
}

/** `extra_special_tokens` may give its tokens names. */
function takeNamedExtra(values: Record<string, unknown>, own: Record<string, unknown>): void {
  const extra = values['extra_special_tokens']
  if (!isObject(extra)) return
  Object.assign(own, extra)
  delete values['extra_special_tokens']
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' || (isObject(value) && value['__type'] === 'AddedToken')
}

function toTokens(value: unknown): readonly (AddedToken | string)[] | undefined {
  return value === undefined
    ? undefined
    : toList(value)
        .map(toToken)
        .filter((token) => token !== null)
}

/** `null` where it is none. */
function toToken(value: unknown): AddedToken | string | null {
  if (typeof value === 'string') return value
  if (!isObject(value) || typeof value['content'] !== 'string') return null
  const { content, single_word, lstrip, rstrip, normalized, special } = value as unknown as AddedToken
  return { content, single_word, lstrip, rstrip, normalized, special }
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As Python sees it: empty lists and objects are false. */
function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return isObject(value) ? Object.keys(value).length > 0 : Boolean(value)
}
