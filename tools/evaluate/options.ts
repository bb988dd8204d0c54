import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseByDim, parseTolerance, type Tolerance } from './compare.js'

/** Printed by `--help`. */
export const HELP = `Usage: pnpm evaluate sts FILE.csv [options]
       pnpm evaluate retrieval FILE.json [options]
       pnpm evaluate search [options]; pnpm evaluate search --help tells of it

Loads a model on Node, or in a real browser's worker, and evaluates it with @nestling/evaluate, which gives the numbers of
sentence-transformers' evaluators.

  sts FILE.csv           sentence1, sentence2, score; correlation of every similarity with the scores
  retrieval FILE.json    corpus, queries, relevant; accuracy, precision, recall, NDCG, MRR and MAP at k

  --model M              a folder, a URL, or @nestling/minilm-l6 (the default)
  --dims 384,256,...     dims to evaluate (those that the model was trained for, else all components)
  --device D, --engine E, --dtype T   as load() takes them (auto)
  --browser              in a browser, as always with --device webgpu and with engines other than kernels
  --json FILE            writes the results as JSON; - writes them to standard output and all else to standard error (pnpm -s
                         evaluate keeps pnpm's own two lines out of it)
  --markdown FILE        writes the table as Markdown
  --expect FILE[#PATH]   compares with a JSON file: metrics by dim, a result of --json, or tables by model and split
  --within X[,DIM=Y...]  how much a number may be off (sts 5e-4, retrieval 0.003)
  --metrics A,B          compares these only
  --above DIM=X,...      spearman_cosine (sts) or ndcg@10 (retrieval, the vectors' own) must be above
  --hybrid               retrieval only: measures an index of @nestling/search by words, and by words and vectors fused by scores (its
                         default) and by ranks; the default must have a higher ndcg@10 than the vectors alone, at every dim
  --precisions           retrieval only: measures an index of @nestling/search of each precision

Ends with 1 when a number is off, and lists which.`

/** The default model, a package of this repository. */
export const MODEL_PACKAGE = '@nestling/minilm-l6'

/** What is to be done. */
export interface EvaluateCommand {
  readonly kind: 'sts' | 'retrieval'
  readonly file: string
  /** A folder, a URL, or {@link MODEL_PACKAGE}. */
  readonly model: string
  /** Last part of the model's name. */
  readonly modelName: string
  readonly dims: readonly number[] | undefined
  readonly load: { readonly device: string; readonly engine: string; readonly dtype: string }
  /** Whether it is done in a browser. */
  readonly inBrowser: boolean
  readonly json: string | undefined
  readonly markdown: string | undefined
  readonly expect: { readonly file: string; readonly path: string | undefined } | undefined
  readonly within: Tolerance
  readonly metrics: readonly string[] | undefined
  readonly above: Readonly<Record<string, number>>
  /** Whether keywords are measured, too. */
  readonly hybrid: boolean
  /** Whether indexes of each precision are measured, too. */
  readonly precisions: boolean
}

/**
 * Reads the command line.
 *
 * @param args - Without node and script.
 * @returns What is to be done; `help` where that was asked for.
 * @throws {Error} If something is unknown or missing.
 */
export function readCommand(args: readonly string[]): EvaluateCommand | 'help' {
  // pnpm hands a `--` on.
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      model: { type: 'string', default: MODEL_PACKAGE },
      dims: { type: 'string' },
      device: { type: 'string', default: 'auto' },
      engine: { type: 'string', default: 'auto' },
      dtype: { type: 'string', default: 'auto' },
      browser: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'string' },
      expect: { type: 'string' },
      within: { type: 'string' },
      metrics: { type: 'string' },
      above: { type: 'string', default: '' },
      hybrid: { type: 'boolean', default: false },
      precisions: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const [kind, file, ...rest] = positionals
  if ((kind !== 'sts' && kind !== 'retrieval') || file === undefined || rest.length > 0) {
    throw new Error(
      `Give sts FILE.csv or retrieval FILE.json: current values are ${positionals.join(' ')}\nSee pnpm evaluate --help`,
    )
  }
  const { model, device, engine, dtype, json, markdown, hybrid, precisions } = values
  if (hybrid && kind === 'sts')
    throw new Error('--hybrid is for retrieval: pairs of sentences have no words to look for')
  if (precisions && kind === 'sts') throw new Error('--precisions is for retrieval: pairs of sentences need no index')
  return {
    kind,
    file: resolve(file),
    model,
    modelName: basename(isUrl(model) ? new URL(model).pathname : model),
    dims: values.dims === undefined ? undefined : readDims(values.dims),
    load: { device, engine, dtype },
    inBrowser: values.browser || device === 'webgpu' || !['auto', 'kernels'].includes(engine),
    json,
    markdown,
    expect: values.expect === undefined ? undefined : readExpect(values.expect),
    within: parseTolerance(values.within ?? (kind === 'sts' ? '5e-4' : '0.003')),
    metrics: values.metrics?.split(','),
    above: parseByDim('--above', values.above),
    hybrid,
    precisions,
  }
}

/**
 * Tells a URL from a folder.
 *
 * @returns Whether it is a URL.
 */
export function isUrl(model: string): boolean {
  return /^https?:\/\//.test(model)
}

function readDims(text: string): number[] {
  return text.split(',').map((part) => {
    const dim = Number(part)
    if (Number.isInteger(dim) && dim > 0) return dim
    throw new Error(`--dims must be positive integers: current value is ${text}`)
  })
}

function readExpect(text: string): { file: string; path: string | undefined } {
  const hash = text.indexOf('#')
  return hash === -1
    ? { file: resolve(text), path: undefined }
    : { file: resolve(text.slice(0, hash)), path: text.slice(hash + 1) }
}
