import { changeFixtureJson, listChangedFiles, type FolderChanges } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { DownloadProgress } from './download/download-progress.js'
import { ModelFolder } from './model-folder.js'
import { readModel, type Model } from './read-model.js'

function read(model: string, changes: FolderChanges = {}): Promise<Model> {
  const files = listChangedFiles(model, changes)
  return readModel(new ModelFolder({ kind: 'listed', name: 'tiny', files }, new DownloadProgress(() => undefined)))
}

const BERT = 'bert-mean-normalize'
const QWEN = 'qwen3-lasttoken'
const changed = (path: string, values: object, model = BERT): FolderChanges => ({
  [path]: changeFixtureJson(model, path, values as Record<string, unknown>),
})
const ALONE: FolderChanges = { 'modules.json': undefined }
const kindOf = (kind: string): FolderChanges => changed('config_sentence_transformers.json', { model_type: kind })
const headOf = (name: string): FolderChanges => ({ ...ALONE, ...changed('config.json', { architectures: [name] }) })
const sentence = (values: object): FolderChanges => changed('sentence_bert_config.json', values)
const chain = (...types: string[]): FolderChanges => ({
  'modules.json': JSON.stringify(types.map((type) => ({ type, path: type.endsWith('Pooling') ? '1_Pooling' : '' }))),
})
const TRANSFORMER = 'sentence_transformers.models.Transformer'
const TEXT = { method: 'forward', method_output_name: 'last_hidden_state' }

describe('a folder of another task', () => {
  it.each<[string, FolderChanges, RegExp]>([
    [
      'a CrossEncoder',
      kindOf('CrossEncoder'),
      /Cannot load tiny as model_type of config_.* is CrossEncoder \(it scores/,
    ],
    ['a SparseEncoder', kindOf('SparseEncoder'), /is SparseEncoder \(its vectors have a weight for each word/],
    ['a MultiVectorEncoder', kindOf('MultiVectorEncoder'), /is MultiVectorEncoder \(it has a vector for each token/],
    ['a model of PyLate', kindOf('ColBERT'), /is ColBERT \(it has a vector for each token/],
    ['a kind that nobody knows', kindOf('toString'), /must be that of an embedding model: current value is toString\n/],
    ['an old reranker', headOf('BertForSequenceClassification'), /architectures of config.json .* \(it gives scores/],
    ['a tagger', headOf('BertForTokenClassification'), /a label for each token/],
    ['a reader of answers', headOf('RobertaForQuestionAnswering'), /it marks answers/],
    ['a model of Stanford', headOf('HF_ColBERT'), /HF_ColBERT \(it has a vector for each token/],
    [
      'a Transformer for masks',
      sentence({ transformer_task: 'fill-mask' }),
      /transformer_task must be feature-extraction: current value is fill-mask \(it has a weight for each word/,
    ],
    [
      'a Transformer for classes',
      sentence({ transformer_task: 'sequence-classification' }),
      /is sequence-classification \(it gives scores, as rerankers \(CrossEncoder\)/,
    ],
    ['another output', sentence({ module_output_name: 'sentence_embedding' }), /module_output_name must be/],
    [
      'another output of texts',
      sentence({ modality_config: { text: { ...TEXT, method_output_name: 'pooler_output' } } }),
      /method_output_name must be last_hidden_state: current value is pooler_output/,
    ],
    [
      'a Router',
      chain('sentence_transformers.base.modules.router.Router'),
      /Router\nQueries and documents take different/,
    ],
    ['an old Router', chain('sentence_transformers.models.Asym'), /Asym\nQueries and documents take different/],
    ['sparse pooling', chain(TRANSFORMER, 'x.SpladePooling'), /SpladePooling\nIts vectors have a weight for each word/],
    ['no pooling', chain(TRANSFORMER), /order must be Transformer, Pooling, .* current value at that place is nothing/],
    [
      'packed weights',
      changed('config.json', { quantization_config: { quant_method: 'gptq' } }),
      /quant_method is gptq\n/,
    ],
    [
      'pooling that nobody knows',
      { '1_Pooling/config.json': '{"pooling_mode_median_tokens": true, "pooling_mode_mean_tokens": false}' },
      /pooling_mode must be one of .*: current value is "pooling_mode_median_tokens"\n/,
    ],
  ])('is refused: %s', async (_, changes, message) => {
    await expect(read(BERT, changes)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(message) as string,
    })
  })

  it('is no folder whose weights came with another head, where modules.json says how it embeds', async () => {
    const changes = changed('config.json', { architectures: ['BertForSequenceClassification'] })
    expect((await read(BERT, changes)).spec).toEqual((await read(BERT)).spec)
  })

  it('is no language model: it is embedded as sentence-transformers does', async () => {
    expect((await read(BERT, headOf('BertForMaskedLM'))).spec.pooling.modes).toEqual(['mean'])
    const decoder = { ...ALONE, ...changed('config.json', { architectures: ['Qwen3ForCausalLM'] }, QWEN) }
    expect((await read(QWEN, decoder)).spec.pooling.modes).toEqual(['lasttoken'])
    const both = changed('config.json', { architectures: ['Qwen3ForCausalLM'], is_causal: false }, QWEN)
    expect((await read(QWEN, { ...ALONE, ...both })).spec.pooling.modes).toEqual(['mean'])
  })
})

describe('keys that change vectors', () => {
  it.each([
    [BERT, { is_decoder: true }, [{ isCausal: true }]],
    [BERT, { is_decoder: false }, [{ isCausal: false }]],
    [QWEN, { is_causal: false, use_sliding_window: false }, [{ isCausal: false }]],
    // Both directions reach `sliding_window` tokens; one direction counts the token itself.
    [
      QWEN,
      { is_causal: false, use_sliding_window: true, sliding_window: 4 },
      [{ isCausal: false }, { isCausal: false, maxDistance: 4 }],
    ],
    [QWEN, { use_sliding_window: true, sliding_window: 4 }, [{ isCausal: true }, { isCausal: true, maxDistance: 3 }]],
    [
      'gemma3-dense',
      { use_bidirectional_attention: false, is_causal: false, sliding_window: 4 },
      [{ isCausal: false }, { isCausal: false, maxDistance: 4 }],
    ],
  ])('make the masks of %s with %s', async (model, values, masks) => {
    expect((await read(model, changed('config.json', values, model))).spec.masks).toEqual(masks)
  })

  it.each<[string, FolderChanges]>([
    ['query_length of sentence_bert_config.json', sentence({ query_length: 8 })],
    ['query_expansion of sentence_bert_config.json', sentence({ query_expansion: { length: 3 } })],
    ['processing_kwargs of sentence_bert_config.json', sentence({ processing_kwargs: { text: { max_length: 3 } } })],
    ['config_args of sentence_bert_config.json', sentence({ config_args: { layer_norm_eps: 1 } })],
    [
      'model_kwargs of sentence_bert_config.json',
      sentence({ model_kwargs: { torch_dtype: 'float16', num_labels: 3 } }),
    ],
    [
      'fast_tokenizer_files of tokenizer_config.json',
      changed('tokenizer_config.json', { fast_tokenizer_files: ['x'] }),
    ],
    [
      'auto_map of tokenizer_config.json',
      changed('tokenizer_config.json', { auto_map: { AutoTokenizer: ['a', null] } }),
    ],
    ['pruned_heads of config.json', changed('config.json', { pruned_heads: { 0: [1] } })],
    ['rotary_emb_interleaved of config.json', changed('config.json', { rotary_emb_interleaved: true })],
  ])('are listed where they are not obeyed: %s', async (name, changes) => {
    expect((await read(BERT, changes)).ignored).toEqual([name])
  })

  it('are not listed where they say nothing', async () => {
    const off = { query_length: null, query_expansion: {}, model_args: { torch_dtype: 'auto' }, config_kwargs: {} }
    const model = { pruned_heads: {}, rotary_emb_fraction: 1.0, prenorm: false, rotary_emb_scale_base: null }
    expect((await read(BERT, { ...sentence(off), ...changed('config.json', model) })).ignored).toEqual([])
  })

  it.each([
    ...['albert-mean', 'bert-bf16-sharded', 'bert-cls-mean-max', 'bert-cls-prompts', 'bert-fp16', 'bert-lasttoken'],
    ...['bert-legacy-names', 'bert-max', BERT, 'bert-mean-sqrt-len', 'bert-prompt-excluded', 'bert-weightedmean'],
    ...['camembert-mean', 'distilbert-dense-tanh', 'electra-mean', 'gemma3-dense', 'gte-cls', 'modernbert-cls'],
    ...['mpnet-mean-normalize', 'nomic-bert-matryoshka', QWEN, 'roberta-lm-prefix', 'roberta-mean-matryoshka'],
    ...['static-embedding', 'static-normalize', 't5-dense', 'xlm-roberta-cls', 'xlm-roberta-mean'],
  ])('are not in %s', async (model) => {
    expect((await read(model)).ignored).toEqual([])
  })
})

describe('old names of sentence_bert_config.json', () => {
  const none = { 'sentence_bert_config.json': undefined }

  it.each(['roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet'])(
    'are read where it is not there: %s',
    async (name) => {
      const text = '{"max_seq_length": 17, "do_lower_case": true}'
      const { settings } = await read(BERT, { ...none, [`sentence_${name}_config.json`]: text })
      expect(settings).toMatchObject({ maxSeqLength: 17, doLowerCase: true })
    },
  )

  it.each<[string, FolderChanges, number]>([
    ['not where it is there', { 'sentence_bert_config.json': '{"max_seq_length": 9}' }, 9],
    ['where it is empty', { 'sentence_bert_config.json': '{}' }, 17],
    ['the first in their order', { ...none, 'sentence_xlnet_config.json': '{"max_seq_length": 5}' }, 17],
    [
      'the next where the first is empty',
      {
        ...none,
        'sentence_distilbert_config.json': '{}',
        'sentence_roberta_config.json': undefined,
        'sentence_albert_config.json': '{"max_seq_length": 6}',
      },
      6,
    ],
    ['not without modules.json, as in Python', { ...none, ...ALONE }, 128],
  ])('are read as Python does: %s', async (_, changes, length) => {
    const { settings } = await read(BERT, { 'sentence_roberta_config.json': '{"max_seq_length": 17}', ...changes })
    expect(settings.maxSeqLength).toBe(length)
  })

  it('name themselves in errors', async () => {
    const broken = { ...none, 'sentence_albert_config.json': '{"max_seq_length": "x"}' }
    await expect(read(BERT, broken)).rejects.toThrow(/^Cannot read sentence_albert_config\.json as max_seq_length/)
  })
})
