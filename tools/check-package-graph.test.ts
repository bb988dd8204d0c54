import { describe, expect, test } from 'vitest'
import { checkPackageGraph } from './check-package-graph.js'
import { SEARCH_RULES } from './search-graph-rules.js'

function rulesOf(sources: Record<string, string>): string[] {
  return checkPackageGraph(new Map(Object.entries(sources))).map(({ file, line, rule }) => `${file}:${line} ${rule}`)
}

const GOOD = {
  'index.ts': "export { load } from './api/load.js'\nexport { dot } from './math/dot.js'",
  'math/dot.ts': 'export const dot = 1',
  'wire/protocol.ts': "import type { Dot } from '../math/dot.js'",
  'model/spec.ts': "import { dot } from '../math/dot.js'\nimport './names.js'",
  'model/names.ts': 'export {}',
  'tokenize/tokenizer.ts': "import { Tokenizer } from '@huggingface/tokenizers'",
  'engine/onnx/session.ts': "import type * as ort from 'onnxruntime-web'\nimport { spec } from '../../model/spec.js'",
  'encode/encoder.ts': "const session = await import('../engine/onnx/session.js')",
  'worker/host.ts': "import { encoder } from '../encode/encoder.js'",
  'api/load.ts': `import type { Host } from '../worker/host.js'
import { protocol } from '../wire/protocol.js'
type Spec = import('../model/spec.js').Spec
new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`,
  'host/keeper.ts': "import { protocol } from '../wire/protocol.js'",
  'dispatch/dispatcher.ts': "import { keeper } from '../host/keeper.js'",
  'api/worker-embedder.ts': "import { dispatcher } from '../dispatch/dispatcher.js'",
  'store/weights.ts': "import { spec } from '../model/spec.js'",
  'api/plan-load.ts': "import { weights } from '../store/weights.js'\nimport { spec } from '../model/spec.js'",
  'api/plan.ts': "const stored = await import('./plan-load.js')",
  'api/load.test.ts': "import { load } from '../index.js'\nimport { host } from '../worker/host.js'",
}

describe('checkPackageGraph()', () => {
  test('accepts the wanted directions', () => {
    expect(rulesOf(GOOD)).toEqual([])
  })

  test.each([
    ['api/x.ts', "import './plan-load.js'", 'api/plan-load.ts is only loaded by import()'],
    ['api/x.ts', "import { weights } from '../store/weights.js'", 'api may import math, wire, engine'],
    ['math/x.ts', "import '../wire/protocol.js'", 'math may import no other folder: it imports ../wire/protocol.js'],
    [
      'store/idb.ts',
      "import type { A } from '../tokenize/tokenizer.js'",
      'store may import math, wire, model: it imports ../tokenize/tokenizer.js',
    ],
    ['engine/run.ts', "export * from '../tokenize/tokenizer.js'", 'engine may import math, wire, model:'],
    [
      'encode/plan.ts',
      "void import('../worker/host.js')",
      'encode may import math, wire, model, tokenize, store, engine',
    ],
    [
      'api/a.ts',
      "import { host } from '../worker/host.js'",
      'api may import math, wire, engine, host, dispatch, and others with "import type"',
    ],
    ['api/a.ts', "import { a } from '../store/idb.js'", 'api may import math, wire, engine'],
    [
      'api/a.ts',
      "import { b } from './caches/model-cache-calls.js'",
      'api/caches/model-cache-calls.ts is only loaded by import()',
    ],
    ['api/a.ts', "import { type Host } from '../worker/host.js'", 'api may import math, wire, engine'],
    ['api/a.ts', "import { load } from '../index.js'", 'nothing but a test may import index.ts'],
    ['api/a.ts', "import x from '../../other/x.js'", '../../other/x.js lies outside of the source folder'],
    ['api/a.ts', "import * as Comlink from 'comlink'", 'only the kit may import comlink'],
    ['store/a.ts', "import { openDB } from 'idb'", 'only store/records/open-database.ts may import idb'],
    ['encode/a.ts', "import { Tokenizer } from '@huggingface/tokenizers'", 'only one file of tokenize/'],
    ['tokenize/z.ts', "import type { T } from '@huggingface/tokenizers'", 'tokenize/tokenizer.ts does already'],
    ['engine/a.ts', "import type * as ort from 'onnxruntime-web'", 'only engine/onnx/ may import onnxruntime-web'],
    ['engine/onnx/a.ts', "import * as ort from 'onnxruntime-web/wasm'", 'with "import type"'],
    [
      'worker/a.ts',
      "import { env } from '@huggingface/transformers'",
      'only engine/transformers/open-onnx-session.ts may',
    ],
    ['worker/a.ts', "import '../engine/transformers/transformers-bundle.js'", 'only loaded by its URL'],
    ['worker/a.ts', "import '../engine/onnx/onnx-bundle.js'", 'only loaded by its URL'],
    ['common/a.ts', 'export {}', 'only index.ts, onnx.ts and the folders math,'],
    ['api/a.ts', "import { load } from '../onnx.js'", 'nothing but a test may import onnx.ts'],
    ['host/a.ts', "import { job } from '../dispatch/job.js'", 'host may import wire'],
    ['host/a.ts', "import { load } from '../api/load.js'", 'host may import wire'],
    ['dispatch/a.ts', "import type { load } from '../api/load.js'", 'dispatch may import wire, host, engine'],
    [
      'api/a.ts',
      "import './source/bundled-runtimes.js'",
      'only api/onnx-entry.ts may import api/source/bundled-runtimes.ts',
    ],
    ['index.ts', "export * from './api/onnx-entry.js'", 'only the entry nestling/onnx may import api/onnx-entry.ts'],
  ])('%s with «%s» is told: %s', (file, text, rule) => {
    const [first, ...others] = rulesOf({ ...GOOD, [file]: `\n${text}` })
    expect(first).toMatch(new RegExp(`^${file}:[12] `))
    expect(first).toContain(rule)
    expect(others).toEqual([])
  })

  test('finds a folder with too many sources, where tests do not count', () => {
    const some = (count: number, ending: string): [string, string][] =>
      Array.from({ length: count }, (_, index) => [`math/f${index}${ending}`, 'export {}'])
    expect(rulesOf(Object.fromEntries([...some(20, '.ts'), ...some(20, '.test.ts')]))).toEqual([])
    const [found] = rulesOf(Object.fromEntries(some(21, '.ts')))
    expect(found).toContain('a folder holds at most 20 sources: math has 21')
  })

  test('finds cycles between files of one folder', () => {
    const sources = {
      'math/a.ts': "import { b } from './b.js'",
      'math/b.ts': "export * from './c.js'",
      'math/c.ts': "\nimport type { A } from './a.js'",
      'math/self.ts': "import './self.js'",
    }
    expect(rulesOf(sources)).toEqual([
      'math/c.ts:2 cycle: math/a.ts -> math/b.ts -> math/c.ts -> math/a.ts',
      'math/self.ts:1 cycle: math/self.ts -> math/self.ts',
    ])
  })
})

describe('SEARCH_RULES', () => {
  test.each([
    ['score/a.ts', "import type { Embeddings } from 'nestling'", undefined],
    ['client/a.ts', "import { EmbedderError } from 'nestling'\nimport type { A } from '../worker/a.js'", undefined],
    ['client/a.ts', "import { EmbedderError } from 'nestling/onnx'", 'values of nestling come from nestling itself'],
    ['score/a.ts', "import { EmbedderError } from 'nestling/onnx'", 'only with "import type"'],
    ['score/a.ts', "import { EmbedderError } from 'nestling'", 'only with "import type"'],
    ['worker/a.ts', "import { openDB } from 'idb'", 'only store/open-database.ts may import idb'],
    ['client/a.ts', "import { Host } from '../worker/host.js'", 'client may import wire, mining'],
    ['score/a.ts', "import { a } from '../store/a.js'", 'score may import wire'],
  ])('%s with «%s» is told: %s', (file, text, rule) => {
    const [found] = checkPackageGraph(new Map([[file, text]]), SEARCH_RULES)
    if (rule === undefined) expect(found).toBeUndefined()
    else expect(found?.rule).toContain(rule)
  })
})
