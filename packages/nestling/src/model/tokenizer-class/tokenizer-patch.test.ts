import { classFixtures, classTexts } from '@nestling/testing/tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from '../../tokenize/tokenizer.js'
import { DownloadProgress } from '../download/download-progress.js'
import { ModelFolder } from '../model-folder.js'
import { readTexts, type FolderTexts } from '../configs/read-texts.js'

const TEXTS = classTexts()

function readFolder(files: Readonly<Record<string, unknown>>): Promise<FolderTexts> {
  const texts = Object.entries(files).map(([path, value]) => ({ path, text: JSON.stringify(value) }))
  const location = { kind: 'listed', name: 'test', files: texts } as const
  return readTexts(new ModelFolder(location, new DownloadProgress(() => undefined)), { kind: 'Transformer', path: '' })
}

async function idsOf(files: Readonly<Record<string, unknown>>): Promise<number[][]> {
  const { tokenizer } = await readFolder(files)
  const built = new Tokenizer(tokenizer.json, tokenizer.config, { maxLength: Infinity, doLowerCase: false })
  return TEXTS.map((text) => Array.from(built.encode(text).ids))
}

const FIXTURES = classFixtures()

describe('a folder of a tokenizer', () => {
  it.each(FIXTURES.filter(({ ids }) => ids !== undefined))(
    'gives the ids that AutoTokenizer gives: $name',
    async ({ files, ids }) => {
      expect(await idsOf(files)).toEqual(ids)
    },
  )

  it.each(FIXTURES.filter(({ ids }) => ids === undefined))(
    'keeps tokenizer.json where Python fails on its class: $name',
    async ({ files }) => {
      const { tokenizer } = await readFolder(files)
      for (const part of ['normalizer', 'pre_tokenizer', 'post_processor', 'model'] as const) {
        expect(tokenizer.patch?.[part]).toBeUndefined()
      }
    },
  )
})

const BERT = FIXTURES.find(({ name }) => name === 'BertTokenizer: nothing said')?.files ?? {}
const folder = (files: object): Readonly<Record<string, unknown>> => ({ ...BERT, ...files })

describe('tokenizerPatchOf()', () => {
  it('replaces nothing where all files say the same, old ways of writing included', async () => {
    const said = {
      do_lower_case: true,
      strip_accents: null,
      tokenize_chinese_chars: true,
      tokenizer_class: 'BertTokenizer',
    }
    const map = { unk_token: '[UNK]', cls_token: { content: '[CLS]', lstrip: false, normalized: false } }
    const same = await readFolder(folder({ 'tokenizer_config.json': said, 'special_tokens_map.json': map }))
    expect(same.tokenizer.patch).toBeUndefined()
    // As files of transformers 3 have it: a processor of another name, and a part that leaves its defaults out.
    const { 'tokenizer.json': json } = BERT
    const old = {
      ...(json as object),
      post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
    }
    expect((await readFolder(folder({ 'tokenizer.json': old }))).tokenizer.patch).toBeUndefined()
  })

  it.each(['roberta-mean-matryoshka', 'gemma3-dense', 'qwen3-lasttoken'])(
    'knows %s for what its class would build, whatever tokens it adds',
    async (model) => {
      const files = FIXTURES.find((each) => each.model === model && each.name.endsWith('no class'))?.files ?? {}
      const { patch = {} } = (await readFolder(files)).tokenizer
      expect(Object.keys(patch).filter((part) => part !== 'added_tokens')).toEqual([])
    },
  )

  it.each<[string, object]>([
    ['a tokenizer without a model', { 'tokenizer.json': {} }],
    ['a model without a vocabulary', { 'tokenizer.json': { model: { type: 'WordPiece' } } }],
    [
      'added tokens that are none',
      { 'tokenizer.json': { model: { vocab: {} }, added_tokens: [null, 7, {}, { id: 1 }] } },
    ],
    ['added tokens that are no list', { 'tokenizer.json': { model: { vocab: {} }, added_tokens: {} } }],
  ])('leaves alone %s', async (_, files) => {
    const { tokenizer } = await readFolder(folder(files))
    expect(tokenizer.patch?.model).toBeUndefined()
  })

  it.each<[string, object]>([
    ['tokens of odd types', { unk_token: 7, mask_token: [], sep_token: { content: 1 }, extra_special_tokens: 'x' }],
    ['a decoder of odd types', { added_tokens_decoder: { a: 1, 5: { content: 7 }, 6: null } }],
    ['a decoder that is a list', { added_tokens_decoder: [] }],
    ['a prototype', JSON.parse('{"__proto__": {"do_lower_case": false}, "tokenizer_class": "toString"}') as object],
  ])('reads what it can of %s', async (_, config) => {
    const { tokenizer } = await readFolder(folder({ 'tokenizer_config.json': config }))
    expect(() => new Tokenizer(tokenizer.json, tokenizer.config, { maxLength: 8, doLowerCase: false })).not.toThrow()
  })

  it.each(['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'])(
    'refuses %s that is no object',
    async (path) => {
      await expect(readFolder(folder({ 'tokenizer_config.json': {}, [path]: ['a'] }))).rejects.toMatchObject({
        code: 'model-invalid',
        message: `Cannot read ${path} as it must be a JSON object`,
      })
    },
  )
})
