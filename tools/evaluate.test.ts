import { describe, expect, it } from 'vitest'
import { checkAbove, compareHybrid, compareMetrics, parseByDim, parseTolerance } from './evaluate/compare.js'
import { findExpected } from './evaluate/expected.js'
import { MODEL_PACKAGE, readCommand } from './evaluate/options.js'
import { precisionTable } from './evaluate/precision-table.js'
import { readRetrieval, readSts } from './evaluate/read-data.js'

describe('readSts()', () => {
  it('reads pairs and scores, with a header or without', () => {
    const pairs = { kind: 'sts', sentences1: ['a, b', 'c'], sentences2: ['d', 'e'], scores: [5, 2.5] }
    expect(readSts('"a, b",d,5.0\nc,e,2.5\n')).toEqual(pairs)
    expect(readSts('sentence1,sentence2,score\n"a, b",d,5.0\nc,e,2.5\n')).toEqual(pairs)
  })

  it('names the line that is wrong', () => {
    expect(() => readSts('a,b,1\nc,d\n')).toThrow(/pair 2 as it must be .* current value is \["c","d"\]/)
    expect(() => readSts('a,b,1\nc,d,high\n')).toThrow(/pair 2/)
    expect(() => readSts('a,b,1\nc,d,\n')).toThrow(/pair 2/)
    expect(() => readSts('sentence1,sentence2,score\n')).toThrow(/the file has none/)
  })
})

describe('readRetrieval()', () => {
  it('joins title and text as Python was given them', () => {
    const file = {
      corpus: { 1: { title: 'T', text: 'x' }, 2: { text: 'y' }, 3: 'z' },
      queries: { q: 'x' },
      relevant: {},
    }
    expect(readRetrieval(JSON.stringify(file))).toEqual({
      ...file,
      kind: 'retrieval',
      corpus: { 1: 'T. x', 2: 'y', 3: 'z' },
    })
  })

  it.each([
    ['no queries', { corpus: {}, relevant: {} }, /object queries/],
    ['a list for a corpus', { corpus: [] }, /object corpus: current value is \[\]/],
    ['a document without text', { corpus: { 7: { title: 'T' } }, queries: {}, relevant: {} }, /document 7/],
    ['no object', 5, /object corpus/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readRetrieval(JSON.stringify(file))).toThrow(message)
  })
})

describe('findExpected()', () => {
  const table = { 384: { spearman_cosine: 0.8 } }
  const other = { 384: { spearman_cosine: 0.1 } }
  const file = { tables: { 'minilm-l6-nested': { dev: table, test: other }, plain: { dev: other, test: other } } }
  const hints = { model: 'minilm-l6-nested', data: 'stsb-en-dev.csv' }

  it('finds the table by model and split', () => {
    expect(findExpected(file, undefined, hints)).toBe(table)
    expect(findExpected(file, undefined, { ...hints, model: 'minilm-l6' })).toBe(table)
    expect(findExpected(file, 'tables/plain/dev', hints)).toBe(other)
    expect(findExpected({ tables: { 'minilm-l6-nested': table } }, undefined, hints)).toBe(table)
  })

  it('takes a table as it is, and a report of this tool', () => {
    expect(findExpected(table, undefined, hints)).toBe(table)
    expect(findExpected({ results: table, evaluations: [] }, undefined, hints)).toBe(table)
  })

  it('guesses nothing', () => {
    expect(() => findExpected(file, undefined, { ...hints, model: 'mini' })).toThrow(/no table of mini and stsb-en-dev/)
    expect(() => findExpected(file, undefined, { ...hints, data: 'pairs.csv' })).toThrow(/the keys there are dev, test/)
    expect(() => findExpected(file, 'tables/plain', hints)).toThrow(/must lead to a table .* dev, test/)
    expect(() => findExpected(5, undefined, hints)).toThrow(/no table/)
  })
})

describe('compareMetrics()', () => {
  const expected = { 384: { 'ndcg@10': 0.4, 'mrr@10': 0.5 }, 16: { 'ndcg@10': 0.2 } }
  const actual = { 384: { 'cosine_ndcg@10': 0.401, 'cosine_mrr@10': 0.5 }, 16: { 'cosine_ndcg@10': 0.203 } }

  it('lists what is off', () => {
    expect(compareMetrics(actual, expected, parseTolerance('0.002,16=0.004')).failures).toEqual([])
    const { count, largest, failures } = compareMetrics(actual, expected, parseTolerance('0.002'))
    expect(count).toBe(3)
    expect(largest.where).toBe('dim 16 ndcg@10')
    expect(failures).toEqual(['dim 16 ndcg@10: 0.203, expected 0.2 within 0.002'])
  })

  it('counts what is missing or not a number as off', () => {
    const within = parseTolerance('1')
    expect(compareMetrics({ 384: actual[384] }, expected, within).failures).toHaveLength(1)
    expect(compareMetrics({ ...actual, 16: { 'ndcg@10': NaN } }, expected, within).failures).toHaveLength(1)
    expect(compareMetrics({}, {}, within).failures).toEqual(['no number was compared'])
  })

  it('compares some metrics only', () => {
    const within = parseTolerance('0')
    expect(compareMetrics(actual, expected, within, ['mrr@10'])).toMatchObject({ count: 1, failures: [] })
    expect(compareMetrics(actual, expected, within, ['map@10']).failures).toEqual(['no number was compared'])
  })

  it('checks bounds', () => {
    expect(checkAbove(actual, 'ndcg@10', { 384: 0.4, 16: 0.203 })).toEqual([
      'dim 16 ndcg@10: 0.203, must be above 0.203',
    ])
    expect(checkAbove(actual, 'ndcg@10', { 8: 0 })).toHaveLength(1)
  })

  it('shows what an index of each precision finds', () => {
    const of64 = { 'int8_ndcg@10': 0.29301, int8_bytes: 64, 'binary_ndcg@10': 0.2, binary_bytes: 8 }
    const of384 = { 'int8_ndcg@10': 0.4, int8_bytes: 384, 'binary_ndcg@10': 0.37, binary_bytes: 48 }
    expect(precisionTable({ 64: of64, 384: of384 }, 'ndcg@10').split('\n')).toEqual([
      '| ndcg@10 | 384 | 64 |',
      '| --- | --- | --- |',
      '| int8 | 0.4000 in 384 B | 0.2930 in 64 B |',
      '| binary | 0.3700 in 48 B | 0.2000 in 8 B |',
    ])
  })

  it('compares hybrid search with vectors alone', () => {
    const better = { 'cosine_ndcg@10': 0.4, 'keywords_ndcg@10': 0.3, 'ranks_ndcg@10': 0.405, 'hybrid_ndcg@10': 0.41 }
    const worse = { 'cosine_ndcg@10': 0.4, 'keywords_ndcg@10': 0.3, 'ranks_ndcg@10': 0.41, 'hybrid_ndcg@10': 0.4 }
    const { lines, failures } = compareHybrid({ 16: worse, 384: better }, 'ndcg@10')
    expect(lines).toEqual([
      'dim 384 ndcg@10: hybrid 0.4100, by ranks 0.4050, vectors 0.4000, keywords 0.3000',
      'dim 16 ndcg@10: hybrid 0.4000, by ranks 0.4100, vectors 0.4000, keywords 0.3000',
    ])
    expect(failures).toEqual([expect.stringMatching(/dim 16 .* must be above vectors alone/)])
    expect(compareHybrid({ 16: { 'cosine_ndcg@10': 0.4 } }, 'ndcg@10').failures).toHaveLength(1)
  })

  it('refuses tolerances and bounds that are none', () => {
    for (const text of ['', 'x', '-1', '0.1,16', '0.1,16=', '0.1,x=1']) expect(() => parseTolerance(text)).toThrow()
    expect(() => parseByDim('--above', '16:0.5')).toThrow(/--above must be like 256=0\.8436: current value is 16:0\.5/)
  })
})

describe('readCommand()', () => {
  it('fills in defaults', () => {
    expect(readCommand(['sts', '/data/a.csv'])).toEqual({
      kind: 'sts',
      file: '/data/a.csv',
      model: MODEL_PACKAGE,
      modelName: 'minilm-l6',
      dims: undefined,
      load: { device: 'auto', engine: 'auto', dtype: 'auto' },
      inBrowser: false,
      json: undefined,
      markdown: undefined,
      expect: undefined,
      within: { all: 5e-4, byDim: {} },
      metrics: undefined,
      above: {},
      hybrid: false,
      precisions: false,
    })
    expect(readCommand(['retrieval', '/data/a.json'])).toMatchObject({ within: { all: 0.003 } })
  })

  it.each([
    [[], false],
    [['--browser'], true],
    [['--device', 'wasm', '--engine', 'kernels'], false],
    [['--device', 'webgpu'], true],
    [['--engine', 'onnx'], true],
    [['--engine', 'transformers'], true],
  ])('with %j says whether a browser is needed: %s', (args, inBrowser) => {
    expect(readCommand(['sts', '/a.csv', ...args])).toMatchObject({ inBrowser })
  })

  it('reads options, after a -- of pnpm too', () => {
    const args = ['--', 'sts', '/a.csv', '--model', 'https://x.test/models/tiny', '--dims', '384,16', '--json', '-']
    const more = ['--expect', '/e.json#tables/x', '--within', '0.1', '--metrics', 'a,b', '--above', '16=.5']
    expect(readCommand([...args, ...more])).toMatchObject({
      modelName: 'tiny',
      dims: [384, 16],
      json: '-',
      expect: { file: '/e.json', path: 'tables/x' },
      within: { all: 0.1, byDim: {} },
      metrics: ['a', 'b'],
      above: { 16: 0.5 },
    })
    expect(readCommand(['retrieval', '/a.json', '--hybrid'])).toMatchObject({ hybrid: true })
    expect(readCommand(['--help'])).toBe('help')
  })

  it('refuses what it does not know', () => {
    expect(() => readCommand([])).toThrow(/Give sts FILE\.csv or retrieval FILE\.json/)
    expect(() => readCommand(['search', 'a'])).toThrow(/current values are search a/)
    expect(() => readCommand(['sts', 'a', 'b'])).toThrow()
    expect(() => readCommand(['sts', 'a', '--dims', '384,x'])).toThrow(/--dims must be positive integers/)
    expect(() => readCommand(['sts', 'a', '--dim', '384'])).toThrow(/--dim/)
    expect(() => readCommand(['sts', 'a', '--hybrid'])).toThrow(/--hybrid is for retrieval/)
    expect(() => readCommand(['sts', 'a', '--precisions'])).toThrow(/--precisions is for retrieval/)
  })
})
