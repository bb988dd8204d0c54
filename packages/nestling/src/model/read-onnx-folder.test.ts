import { describe, expect, it } from 'vitest'
import type { Device, Dtype } from '../wire/protocol.js'
import { isEmbedderError } from '../wire/embedder-error.js'
import { DownloadProgress } from './download/download-progress.js'
import { ModelFolder } from './model-folder.js'
import { readOnnxFile, type OnnxFile } from './weights/onnx-file.js'
import { readOnnxFolder } from './read-onnx-folder.js'

function folderOf(texts: Readonly<Record<string, string>>): ModelFolder {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }))
  return new ModelFolder({ kind: 'listed', name: 'test', files }, new DownloadProgress(() => undefined))
}

async function maxSeqLength(config: object, more: Readonly<Record<string, string>> = {}): Promise<number> {
  const folder = folderOf({ 'config.json': JSON.stringify(config), 'tokenizer.json': '{}', ...more })
  return (await readOnnxFolder(folder, { kind: 'Transformer', path: '' })).settings.maxSeqLength
}

describe('readOnnxFolder()', () => {
  it('needs no known architecture', async () => {
    expect(await maxSeqLength({ model_type: 'never-heard-of', max_position_embeddings: 77 })).toBe(77)
    expect(await maxSeqLength({ n_positions: 55 })).toBe(55)
  })

  it('leaves out the positions that stand before the first token', async () => {
    expect(await maxSeqLength({ model_type: 'xlm-roberta', max_position_embeddings: 514, pad_token_id: 1 })).toBe(512)
    expect(await maxSeqLength({ model_type: 'mpnet', max_position_embeddings: 514 })).toBe(512)
  })

  it('takes the length that the folder gives, and no more than there are positions', async () => {
    const lengths = { 'sentence_bert_config.json': '{"max_seq_length":128}' }
    expect(await maxSeqLength({ max_position_embeddings: 512 }, lengths)).toBe(128)
    expect(await maxSeqLength({ max_position_embeddings: 64 }, lengths)).toBe(64)
    expect(await maxSeqLength({ model_type: 'rotary' }, lengths)).toBe(128)
  })

  it('refuses absurd positions', async () => {
    await expect(maxSeqLength({ max_position_embeddings: 0 })).rejects.toThrow(/max_position_embeddings/)
  })
})

describe('readOnnxFile()', () => {
  const ALL = ['model', 'model_fp16', 'model_quantized', 'model_q4']
  const read = (names: readonly string[], wanted: Dtype | 'auto', device: Device, prefix = ''): Promise<OnnxFile> => {
    const at = prefix === '' ? 'onnx' : `${prefix}/onnx`
    return readOnnxFile(
      folderOf(Object.fromEntries(names.map((name) => [`${at}/${name}.onnx`, '']))),
      prefix,
      wanted,
      device,
    )
  }

  it.each<[Dtype, string]>([
    ['fp32', 'onnx/model.onnx'],
    ['fp16', 'onnx/model_fp16.onnx'],
    ['q8', 'onnx/model_quantized.onnx'],
    ['q4', 'onnx/model_q4.onnx'],
  ])('reads for %s the file %s', async (dtype, path) => {
    expect(await read(ALL, dtype, 'wasm')).toEqual({ dtype, path })
  })

  it.each<[readonly string[], Device, Dtype]>([
    [ALL, 'wasm', 'q8'],
    [ALL, 'webgpu', 'fp32'],
    [['model_fp16', 'model'], 'wasm', 'fp32'],
    [['model_q4', 'model_fp16'], 'webgpu', 'fp16'],
    [['model_q4'], 'wasm', 'q4'],
    [['model_quantized'], 'webgpu', 'q8'],
  ])('takes for auto of %j on %s %s', async (names, device, dtype) => {
    expect((await read(names, 'auto', device)).dtype).toBe(dtype)
  })

  it('looks in the folder of the Transformer module', async () => {
    expect((await read(ALL, 'fp32', 'wasm', '0_Transformer')).path).toBe('0_Transformer/onnx/model.onnx')
  })

  it('names what is missing', async () => {
    for (const wanted of ['q4', 'auto'] as const) {
      const error = await read(wanted === 'auto' ? [] : ['model'], wanted, 'wasm').catch((caught: unknown) => caught)
      expect(isEmbedderError(error, 'model-not-found')).toBe(true)
      expect((error as Error).message).toMatch(/onnx\/model_q4\.onnx/)
    }
  })
})
