import { changeFixtureJson, listChangedFiles, readFixtureJson, type FolderChanges } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { DownloadProgress } from './download/download-progress.js'
import { ModelFolder } from './model-folder.js'
import { readModel, type Model } from './read-model.js'

function read(model: string, changes: FolderChanges = {}): Promise<Model> {
  const files = listChangedFiles(model, changes)
  return readModel(new ModelFolder({ kind: 'listed', name: 'test', files }, new DownloadProgress(() => undefined)))
}

const BERT = 'bert-mean-normalize'

describe('a folder whose JSON Python wrote', () => {
  it.each<[string, string]>([
    [BERT, 'config.json'],
    [BERT, 'config_sentence_transformers.json'],
    [BERT, 'sentence_bert_config.json'],
    [BERT, 'tokenizer.json'],
    [BERT, 'tokenizer_config.json'],
    [BERT, '1_Pooling/config.json'],
    ['distilbert-dense-tanh', '2_Dense/config.json'],
    ['bert-bf16-sharded', 'model.safetensors.index.json'],
  ])('is read although a key that nobody reads is NaN or Infinity: %s, %s', async (model, path) => {
    const json = JSON.stringify(readFixtureJson(model, path))
    const text = `{"x": NaN, "y": [Infinity, {"z": -Infinity}], ${json.slice(1)}`
    const [changed, original] = await Promise.all([read(model, { [path]: text }), read(model)])
    expect(changed.spec).toEqual(original.spec)
    expect(changed.settings).toEqual(original.settings)
  })

  it('is read with modules.json that has them', async () => {
    const text = JSON.stringify(readFixtureJson(BERT, 'modules.json')).replaceAll('"idx"', '"x": NaN, "idx"')
    expect(text).toContain('NaN')
    expect((await read(BERT, { 'modules.json': text })).spec).toEqual((await read(BERT)).spec)
  })

  // As `tokenizer.model_max_length` is in Python: 1e30 and infinity are no limit, so the 128 positions are.
  it.each([
    ['tokenizer_config.json', '{"model_max_length": Infinity}', 128],
    ['tokenizer_config.json', '{"model_max_length": 1000000000000000019884624838656}', 128],
    ['tokenizer_config.json', '{"max_len": 77}', 77],
    ['tokenizer_config.json', '{"max_len": 77, "model_max_length": 66}', 66],
    ['tokenizer_config.json', '{"max_len": 77, "model_max_length": null}', 128],
    ['sentence_bert_config.json', '{"max_seq_length": 1000000000000000019884624838656}', 128],
  ])('has no limit where %s says %s', async (path, text, length) => {
    const { settings } = await read(BERT, { 'sentence_bert_config.json': '{}', [path]: text })
    expect(settings.maxSeqLength).toBe(length)
  })

  it.each<[string, FolderChanges, RegExp]>([
    [
      'a number that must be finite',
      { 'config.json': 'eps' },
      /config\.json as layer_norm_eps .*: current value is NaN/,
    ],
    [
      'a length',
      { 'tokenizer_config.json': '{"model_max_length": NaN}', 'sentence_bert_config.json': undefined },
      /tokenizer_config\.json as model_max_length .*: current value is NaN/,
    ],
    ['what is not JSON in Python either', { 'config.json': '{\n "a": undefined}' }, /config\.json .* line 2, column 7/],
  ])('is refused with file and place: %s', async (_, changes, message) => {
    const config = changeFixtureJson(BERT, 'config.json', { layer_norm_eps: 'eps' }).replace('"eps"', 'NaN')
    const used = changes['config.json'] === 'eps' ? { 'config.json': config } : changes
    await expect(read(BERT, used)).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(message) as string,
    })
  })
})
