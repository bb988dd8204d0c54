import { readFileSync } from 'node:fs'
import { dataUrl, fixturePath, listFixtureFiles } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../wire/embedder-error.js'
import type { ModelFileRequest } from '../wire/protocol.js'
import { DownloadProgress } from './download/download-progress.js'
import { ModelFolder } from './model-folder.js'
import { readModel, type Model } from './read-model.js'

/** Changes of a folder: a text takes a file's place, `undefined` takes the file away. */
type Changes = Readonly<Record<string, string | undefined>>

function read(model: string, changes: Changes = {}): Promise<Model> {
  const kept = listFixtureFiles(model).filter(({ path }) => !Object.hasOwn(changes, path))
  const added = Object.entries(changes).flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]))
  return readFiles([...kept, ...added])
}

function readFiles(files: readonly ModelFileRequest[]): Promise<Model> {
  return readModel(new ModelFolder({ kind: 'listed', name: 'test', files }, new DownloadProgress(() => undefined)))
}

/** Reads a JSON file of a fixture with some values changed; `undefined` takes a key away. */
function changed(model: string, path: string, values: Readonly<Record<string, unknown>>): string {
  const original = JSON.parse(readFileSync(fixturePath(model, path), 'utf8')) as Record<string, unknown>
  return JSON.stringify({ ...original, ...values })
}

async function failure(promise: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  try {
    await promise
  } catch (error) {
    if (!isEmbedderError(error)) throw error
    return { code: error.code, message: error.message }
  }
  throw new Error('It did not fail')
}

const BERT = 'bert-mean-normalize'

function decodeDataUrl(url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'))
}

describe('readModel()', () => {
  it('reads a folder of the old format', async () => {
    const { spec, settings } = await read(BERT)
    expect(spec).toMatchObject({ architecture: 'bert', hiddenSize: 32, vocabSize: 1500, dim: 32 })
    expect(spec.layers).toHaveLength(2)
    expect(spec.pooling).toEqual({ modes: ['mean'], includePrompt: true })
    expect(spec.tail).toEqual([{ kind: 'normalize' }])
    expect(settings).toMatchObject({ maxSeqLength: 64, similarityFunction: 'cosine', defaultPromptName: null })
  })

  it('reads a folder of the new format, with weights under a prefix', async () => {
    const { spec, settings } = await read('roberta-lm-prefix')
    expect(spec.embeddings.word.name).toBe('roberta.embeddings.word_embeddings.weight')
    expect(spec.embeddings.position).toMatchObject({ numbering: 'after-padding-id', paddingId: 1 })
    // 66 positions, of which two lie at or before the padding id.
    expect(settings.maxSeqLength).toBe(64)
    expect(settings.prompts).toEqual({ document: '', query: '' })
  })

  it('has the prompts query and document even where the folder names none, as Python does', async () => {
    expect((await read(BERT)).settings.prompts).toEqual({ query: '', document: '' })
    const text = JSON.stringify({ prompts: { passage: 'passage: ', query: null }, default_prompt_name: 'passage' })
    const { settings } = await read(BERT, { 'config_sentence_transformers.json': text })
    expect(settings.prompts).toEqual({ query: '', document: '', passage: 'passage: ' })
    expect(settings.defaultPromptName).toBe('passage')
  })

  it('joins pooling modes in the order of sentence-transformers', async () => {
    const { spec } = await read('bert-cls-mean-max')
    expect(spec.pooling.modes).toEqual(['cls', 'max', 'mean'])
    expect(spec.dim).toBe(96)
  })

  it('takes mean pooling where there is no modules.json', async () => {
    const { spec } = await read(BERT, { 'modules.json': undefined })
    expect(spec.pooling.modes).toEqual(['mean'])
    expect(spec.tail).toEqual([])
  })

  it('never uses more tokens than there are positions', async () => {
    const text = JSON.stringify({ max_seq_length: 4096 })
    expect((await read(BERT, { 'sentence_bert_config.json': text })).settings.maxSeqLength).toBe(128)
  })

  const modules = (type: string, path: string): string => JSON.stringify([{ type: 'x.Transformer' }, { type, path }])
  it.each<[string, Changes, string, RegExp]>([
    ['no config.json', { 'config.json': undefined }, 'model-not-found', /config\.json/],
    ['no weights', { 'model.safetensors': undefined }, 'model-not-found', /model\.safetensors/],
    ['no tokenizer', { 'tokenizer.json': undefined }, 'model-not-found', /tokenizer\.json/],
    ['a config that is not JSON', { 'config.json': '<html>' }, 'model-invalid', /config\.json .* not JSON/],
    ['a config that is a list', { 'config.json': '[]' }, 'model-invalid', /must be a JSON object/],
    [
      'an unknown architecture',
      { 'config.json': '{"model_type":"mamba"}' },
      'model-unsupported',
      /bert, .*roberta, .*mamba\n.*engine: 'transformers' of nestling\/onnx if the folder has onnx\/ files/,
    ],
    [
      'an architecture from Object.prototype',
      { 'config.json': '{"model_type":"toString"}' },
      'model-unsupported',
      /toString/,
    ],
    [
      'zero heads',
      { 'config.json': changed(BERT, 'config.json', { num_attention_heads: 0 }) },
      'model-invalid',
      /num_attention_heads/,
    ],
    [
      'heads that do not divide',
      { 'config.json': changed(BERT, 'config.json', { num_attention_heads: 5 }) },
      'model-invalid',
      /multiple/,
    ],
    [
      'a billion layers',
      { 'config.json': changed(BERT, 'config.json', { num_hidden_layers: 1e9 }) },
      'model-invalid',
      /num_hidden_layers/,
    ],
    [
      'one layer too many',
      { 'config.json': changed(BERT, 'config.json', { num_hidden_layers: 3 }) },
      'weights-missing',
      /encoder\.layer\.2/,
    ],
    [
      'another hidden size',
      { 'config.json': changed(BERT, 'config.json', { hidden_size: 64 }) },
      'model-invalid',
      /must have the shape/,
    ],
    [
      'an unknown activation',
      { 'config.json': changed(BERT, 'config.json', { hidden_act: 'mish' }) },
      'model-unsupported',
      /mish/,
    ],
    [
      'relative positions',
      { 'config.json': changed(BERT, 'config.json', { position_embedding_type: 'relative_key' }) },
      'model-unsupported',
      /relative_key/,
    ],
    ['modules that are no list', { 'modules.json': '{}' }, 'model-invalid', /list/],
    ['no modules', { 'modules.json': '[]' }, 'model-invalid', /1 to 32/],
    ['an unknown module', { 'modules.json': modules('x.LSTM', '1') }, 'model-unsupported', /x\.LSTM/],
    ['modules in another order', { 'modules.json': modules('x.Normalize', '1') }, 'model-unsupported', /order/],
    [
      'a module without a Transformer',
      { 'modules.json': '[{"type":"x.Pooling"}]' },
      'model-unsupported',
      /first module/,
    ],
    [
      'a path out of the folder',
      { 'modules.json': modules('x.Pooling', '../../etc') },
      'model-invalid',
      /inside the folder/,
    ],
    ['an absolute path', { 'modules.json': modules('x.Pooling', '/etc') }, 'model-invalid', /inside the folder/],
    [
      'a path that is a URL',
      { 'modules.json': modules('x.Pooling', 'https://x.test') },
      'model-invalid',
      /inside the folder/,
    ],
    [
      'an unknown pooling mode',
      { '1_Pooling/config.json': '{"pooling_mode":"median"}' },
      'model-unsupported',
      /median/,
    ],
    [
      'pooling of another size',
      { '1_Pooling/config.json': '{"word_embedding_dimension":7}' },
      'model-invalid',
      /word_embedding_dimension/,
    ],
    ['a length of zero', { 'sentence_bert_config.json': '{"max_seq_length":0}' }, 'model-invalid', /max_seq_length/],
    [
      'an unknown similarity',
      { 'config_sentence_transformers.json': '{"similarity_fn_name":"jaccard"}' },
      'model-unsupported',
      /jaccard/,
    ],
    [
      'a prompt that is no text',
      { 'config_sentence_transformers.json': '{"prompts":{"query":1}}' },
      'model-invalid',
      /query/,
    ],
    [
      'a default prompt that is not there',
      { 'config_sentence_transformers.json': '{"default_prompt_name":"task"}' },
      'model-invalid',
      /query, document: current value is task/,
    ],
    ['weights that are HTML', { 'model.safetensors': '<!doctype html><html>' }, 'model-invalid', /safetensors/],
  ])('refuses %s', async (_, changes, code, message) => {
    const failed = await failure(read(BERT, changes))
    expect(failed.code).toBe(code)
    expect(failed.message).toMatch(message)
  })

  it('refuses bytes that are not those of the manifest', async () => {
    const files = listFixtureFiles(BERT).map((file) =>
      file.path === 'config.json' ? { ...file, sha256: '0'.repeat(64) } : file,
    )
    expect(await failure(readFiles(files))).toMatchObject({
      code: 'integrity-mismatch',
      message: expect.stringMatching(/config\.json/) as string,
    })
  })

  it('refuses a length that is not that of the manifest', async () => {
    const files = listFixtureFiles(BERT).map((file) => (file.path === 'config.json' ? { ...file, sizeBytes: 3 } : file))
    expect((await failure(readFiles(files))).code).toBe('integrity-mismatch')
  })
})

describe('spaceId', () => {
  it('does not change with where the files are', async () => {
    const { spaceId } = await read(BERT)
    const blobs = listFixtureFiles(BERT).map(({ path, url }) => [path, new Blob([decodeDataUrl(url)])] as const)
    const local = new ModelFolder(
      { kind: 'blobs', name: 'another name', blobs: new Map(blobs) },
      new DownloadProgress(() => undefined),
    )
    expect((await readModel(local)).spaceId).toBe(spaceId)
    expect((await read(BERT, { 'tokenizer_config.json': '{"truncation_side":"right","a":1}' })).spaceId).toBe(spaceId)
  })

  it.each([0, 1, 2])('changes with any byte of the weights', async (part) => {
    const { spaceId } = await read(BERT)
    const files = listFixtureFiles(BERT).map((file) => {
      if (file.path !== 'model.safetensors') return file
      const bytes = decodeDataUrl(file.url)
      const at = bytes.length - 1 - Math.floor((part * bytes.length) / 4)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return { ...file, url: dataUrl(bytes) }
    })
    expect((await readFiles(files)).spaceId).not.toBe(spaceId)
  })

  it('does not change with the name, the maximum length or the prompts', async () => {
    const original = await read(BERT)
    const prompts = JSON.stringify({ prompts: { query: 'find: ' }, default_prompt_name: 'query' })
    const other = await read(BERT, {
      'sentence_bert_config.json': '{"max_seq_length":8}',
      'config_sentence_transformers.json': prompts,
      'config.json': changed(BERT, 'config.json', { _name_or_path: 'elsewhere', transformers_version: '9' }),
    })
    expect(other.spaceId).toBe(original.spaceId)
    expect(original.spaceId).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each<[string, string, Changes]>([
    ['weights', 'bert-max', {}],
    ['pooling', BERT, { '1_Pooling/config.json': '{"pooling_mode":"cls"}' }],
    [
      'the module chain',
      BERT,
      { 'modules.json': JSON.stringify([{ type: 'x.Transformer' }, { type: 'x.Pooling', path: '1_Pooling' }]) },
    ],
    ['the tokenizer', BERT, { 'tokenizer.json': changed(BERT, 'tokenizer.json', { version: '2.0' }) }],
    ['the side on which texts are cut', BERT, { 'tokenizer_config.json': '{"truncation_side":"left"}' }],
    ['case', BERT, { 'sentence_bert_config.json': '{"max_seq_length":64,"do_lower_case":true}' }],
    ['the network', BERT, { 'config.json': changed(BERT, 'config.json', { layer_norm_eps: 1e-5 }) }],
  ])('changes with %s', async (_, model, changes) => {
    expect((await read(model, changes)).spaceId).not.toBe((await read(BERT)).spaceId)
  })
})
