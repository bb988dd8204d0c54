import type { TokenizerClass } from './tokenizer-class.js'
import type { AddedToken, Json, TokenizerPatch } from './tokenizer-json.js'
import { contentOf, type TokenizerSettings } from './tokenizer-settings.js'

type Token = AddedToken | string | null

/** What a class is given beside its settings. */
export interface ClassInput {
  readonly settings: TokenizerSettings
  /** `precompiled_charsmap` of tokenizer.json, where it has one. */
  readonly charsmap: string | undefined
  /** `post_processor` of tokenizer.json. */
  readonly postProcessor: Json
  /** Id of each token of a Unigram vocabulary. */
  readonly idInVocabulary: (token: string) => number | undefined
}

/** One class of transformers 5. */
export interface ClassRules {
  /** Type of the model in tokenizer.json whose vocabulary it can take: a list of tokens with scores, or ids by token. */
  readonly vocabulary: 'list' | 'record'
  /** Whether it is of no use without an unknown token in the vocabulary. */
  readonly needsUnknown?: boolean
  /** Its special tokens where no file names them. */
  readonly tokens: Readonly<Record<string, AddedToken | string>>
  /** Its special tokens without a name. */
  readonly extra?: (settings: TokenizerSettings) => readonly (AddedToken | string)[]
  /** Whether all special tokens are added once more without flags. */
  readonly addsPlain?: boolean
  /** All parts but the added tokens and what goes around a text. */
  readonly parts: (input: ClassInput, token: (name: string) => Token) => TokenizerPatch
  /** Names of the special tokens around a text; `undefined` where tokenizer.json has what goes around it. */
  readonly around?: (input: ClassInput) => readonly [before: string | undefined, after: string] | undefined
  /** What goes around a text where those tokens are `null`; without it nothing does. */
  readonly idsAround?: readonly [before: number, after: number]
}

const PARTS_OF_WORDS = { type: 'BertPreTokenizer' }

/** @see `transformers.models.bert.tokenization_bert.BertTokenizer` */
function wordPieceParts({ settings: { values } }: ClassInput, token: (name: string) => Token): TokenizerPatch {
  return {
    model: {
      type: 'WordPiece',
      unk_token: textOf(token('unk_token')),
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: flag(values['tokenize_chinese_chars'], true),
      strip_accents: typeof values['strip_accents'] === 'boolean' ? values['strip_accents'] : null,
      lowercase: flag(values['do_lower_case'], true),
    },
    pre_tokenizer: PARTS_OF_WORDS,
  }
}

function metaspace(values: TokenizerSettings['values']): Json {
  const scheme = flag(values['add_prefix_space'], true) ? 'always' : 'never'
  return {
    type: 'Sequence',
    pretokenizers: [
      { type: 'WhitespaceSplit' },
      { type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: true },
    ],
  }
}

/** SentencePiece's classes differ in the id of their unknown token alone. */
function sentencePieceParts(unknownId: number, { settings, charsmap }: ClassInput): TokenizerPatch {
  return {
    model: { type: 'Unigram', unk_id: unknownId, byte_fallback: false },
    normalizer: charsmap === undefined ? null : { type: 'Precompiled', precompiled_charsmap: charsmap },
    pre_tokenizer: metaspace(settings.values),
  }
}

/** @see `transformers.models.albert.tokenization_albert.AlbertTokenizer` */
function albertParts(input: ClassInput): TokenizerPatch {
  const { values } = input.settings
  const normalizers: Json[] = [
    { type: 'Replace', pattern: { String: '``' }, content: '"' },
    { type: 'Replace', pattern: { String: "''" }, content: '"' },
  ]
  if (!flag(values['keep_accents'], false)) normalizers.push({ type: 'NFKD' }, { type: 'StripAccents' })
  if (flag(values['do_lower_case'], true)) normalizers.push({ type: 'Lowercase' })
  const { normalizer, ...parts } = sentencePieceParts(1, input)
  return {
    ...parts,
    normalizer: { type: 'Sequence', normalizers: [...normalizers, ...(normalizer ? [normalizer] : [])] },
  }
}

const BPE: Readonly<Record<string, Json>> = {
  type: 'BPE',
  dropout: null,
  unk_token: null,
  continuing_subword_prefix: '',
  end_of_word_suffix: '',
  fuse_unk: false,
  byte_fallback: false,
  ignore_merges: false,
}

const QWEN_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

const byteLevel = (addsSpace: boolean, usesRegex: boolean): Json => ({
  type: 'ByteLevel',
  add_prefix_space: addsSpace,
  trim_offsets: true,
  use_regex: usesRegex,
})

/** T5 adds its sentinels unless they are listed. */
function sentinels({ values, additional }: TokenizerSettings): readonly (AddedToken | string)[] {
  const count = typeof values['extra_ids'] === 'number' ? values['extra_ids'] : 100
  const listed = additional ?? []
  if (listed.some((token) => contentOf(token).includes('<extra_id_'))) return listed
  return [...listed, ...Array.from({ length: count }, (_, index) => `<extra_id_${index}>`)]
}

const ROBERTA_TOKENS = {
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  sep_token: '</s>',
  pad_token: '<pad>',
  cls_token: '<s>',
  mask_token: '<mask>',
} as const

/** What each class makes of a vocabulary; see the files of the same names in `transformers/models`, 5.24. */
export const CLASS_RULES: Readonly<Record<TokenizerClass, ClassRules>> = {
  bert: {
    vocabulary: 'record',
    needsUnknown: true,
    tokens: {
      unk_token: '[UNK]',
      sep_token: '[SEP]',
      pad_token: '[PAD]',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
    },
    parts: wordPieceParts,
    around: () => ['cls_token', 'sep_token'],
    idsAround: [2, 3],
  },
  mpnet: {
    vocabulary: 'record',
    needsUnknown: true,
    tokens: { ...ROBERTA_TOKENS, unk_token: '[UNK]', mask_token: { content: '<mask>', lstrip: true } },
    parts: wordPieceParts,
    around: () => ['cls_token', 'sep_token'],
    idsAround: [0, 2],
  },
  roberta: {
    vocabulary: 'record',
    tokens: ROBERTA_TOKENS,
    parts: ({ settings: { values } }) => ({
      model: BPE,
      normalizer: null,
      pre_tokenizer: byteLevel(flag(values['add_prefix_space'], false), true),
    }),
    around: () => ['cls_token', 'sep_token'],
  },
  gpt2: {
    vocabulary: 'record',
    tokens: { bos_token: '<|endoftext|>', eos_token: '<|endoftext|>', unk_token: '<|endoftext|>' },
    parts: ({ settings: { values } }) => ({
      model: BPE,
      normalizer: null,
      pre_tokenizer: byteLevel(flag(values['add_prefix_space'], false), true),
    }),
  },
  'xlm-roberta': {
    vocabulary: 'list',
    tokens: ROBERTA_TOKENS,
    parts: (input) => sentencePieceParts(3, input),
    around: () => ['bos_token', 'eos_token'],
  },
  camembert: {
    vocabulary: 'list',
    tokens: { ...ROBERTA_TOKENS, mask_token: { content: '<mask>', lstrip: true, special: true } },
    extra: ({ additional }) => additional ?? ['<s>NOTUSED', '</s>NOTUSED', '<unk>NOTUSED'],
    parts: (input, token) => sentencePieceParts(input.idInVocabulary(textOf(token('unk_token'))) ?? 0, input),
    around: () => ['bos_token', 'eos_token'],
  },
  albert: {
    vocabulary: 'list',
    tokens: {
      bos_token: '[CLS]',
      eos_token: '[SEP]',
      unk_token: '<unk>',
      sep_token: '[SEP]',
      pad_token: '<pad>',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
    },
    parts: albertParts,
    around: ({ postProcessor }) => (postProcessor === null ? ['cls_token', 'sep_token'] : undefined),
  },
  t5: {
    vocabulary: 'list',
    tokens: { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' },
    extra: sentinels,
    // Unlike the others it always puts a space in front.
    parts: ({ settings, ...input }) => ({
      ...sentencePieceParts(2, { ...input, settings }),
      pre_tokenizer: metaspace({}),
    }),
    around: () => [undefined, 'eos_token'],
  },
  gemma: {
    vocabulary: 'record',
    tokens: {
      bos_token: '<bos>',
      eos_token: '<eos>',
      unk_token: '<unk>',
      pad_token: '<pad>',
      mask_token: '<mask>',
    },
    parts: (_, token) => ({
      model: { ...BPE, unk_token: textOf(token('unk_token')), fuse_unk: true, byte_fallback: true },
      normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
    }),
  },
  qwen2: {
    vocabulary: 'record',
    tokens: { unk_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
    addsPlain: true,
    parts: ({ settings: { values } }) => ({
      model: BPE,
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: QWEN_WORDS }, behavior: 'Isolated', invert: false },
          byteLevel(flag(values['add_prefix_space'], false), false),
        ],
      },
    }),
  },
}

/** Gives the text of a token as Python writes it: `None` where it wants a text and has none. */
export function textOf(token: Token): string {
  return token === null ? 'None' : contentOf(token)
}

function flag(value: unknown, fallback: boolean): boolean {
  return value === undefined ? fallback : Boolean(value)
}
