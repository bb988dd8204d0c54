import { createHash } from 'node:crypto'
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Embedder } from '../../api/embedder.js'
import { PRECISIONS, type Precision } from '../../math/precision.js'
import { defineCommand, type Command } from '../arguments/command.js'
import type { ValuesOf } from '../arguments/option.js'
import { CliError, EXIT } from '../cli-error.js'
import type { CommandContext } from '../command-context.js'
import { chooseSink, STANDARD_OUTPUT } from '../embed/choose-sink.js'
import type { SinkJob } from '../embed/embedding-sink.js'
import { encoderOf, TASKS, type EncodeTexts } from '../embed/encode-texts.js'
import { ProgressPrinter } from '../embed/progress-printer.js'
import { durationText } from '../embed/progress-text.js'
import { readRanges, type Ranges } from '../embed/read-ranges.js'
import { runEmbed, type EmbedResult } from '../embed/run-embed.js'
import { fileFailure } from '../explain-error.js'
import { STANDARD_INPUT } from '../input/byte-lines.js'
import { InputReader } from '../input/input-reader.js'
import { DEFAULT_COLUMN, formatOf, INPUT_FORMATS, type InputOptions } from '../input/record.js'
import { importLibrary } from '../models/library.js'
import { DIMS_OPTION, loadModel, MODEL_OPTIONS } from '../models/load-model.js'

const OPTIONS = {
  out: {
    type: 'string',
    value: 'OUT',
    short: 'o',
    about: 'Where the embeddings go: a file .npy or .jsonl, or - for JSON Lines on the standard output.',
  },
  to: {
    type: 'string',
    value: 'TARGET',
    about:
      'A table in its place: postgres://USER@HOST/DATABASE?table=NAME (needs pg), or FOLDER.lance (@lancedb/lancedb).',
  },
  format: {
    type: 'string',
    value: 'FORMAT',
    choices: INPUT_FORMATS,
    about: 'Format of the input; its ending says it otherwise.',
  },
  column: {
    type: 'string',
    value: 'NAME',
    about: `Column of CSV or field of JSON Lines with the texts (${DEFAULT_COLUMN}).`,
  },
  'id-column': {
    type: 'string',
    value: 'NAME',
    about: 'Column or field with ids. Without it rows are counted from 0.',
  },
  ...MODEL_OPTIONS,
  ...DIMS_OPTION,
  normalize: { type: 'boolean', about: 'Scales each vector to length 1.' },
  precision: {
    type: 'string',
    value: 'TYPE',
    choices: PRECISIONS,
    about: 'Type of the numbers (float32). int8 and uint8 need --calibration.',
  },
  calibration: {
    type: 'string',
    value: 'FILE',
    about: 'A .npy of float32 vectors whose smallest and largest values are the range of int8 and uint8.',
  },
  task: {
    type: 'string',
    value: 'TASK',
    choices: TASKS,
    about: "Takes the model's prompt for queries or for documents.",
  },
  'prompt-name': { type: 'string', value: 'NAME', about: "Takes one of the model's prompts by its name." },
  batch: { type: 'count', value: 'N', about: 'Most texts that run at once (32).' },
  workers: { type: 'count', value: 'N', about: 'Most threads that encode (one a core, up to 4).' },
  overwrite: { type: 'boolean', about: 'Replaces OUT where it is there.' },
  restart: { type: 'boolean', about: 'Begins again where an unfinished run has left rows.' },
  quiet: { type: 'boolean', short: 'q', about: 'Prints no progress.' },
  json: { type: 'boolean', about: 'Prints what was done as JSON.' },
} as const

type EmbedValues = ValuesOf<typeof OPTIONS>

/** Embeds a file of texts. */
export const EMBED: Command = defineCommand({
  name: 'embed',
  summary: 'Embeds the texts of a file: lines, CSV or JSON Lines.',
  about: [
    'Embeds the texts of a file, row by row, into a file or a target of another kind. Only a small part of them is in memory.',
    'OUT gets its name when all rows are there. Until then they are in OUT.part, with OUT.part.json beside it: after a crash, a full disk or Ctrl-C the same command goes on from there, and the result is the same to the last bit.',
  ],
  positionals: [{ name: 'INPUT', about: 'a file, or - for the standard input' }],
  options: OPTIONS,
  examples: [
    'npx nestling embed sentences.txt -o sentences.npy',
    'npx nestling embed products.csv --column title --id-column sku -o products.jsonl',
    'cat notes.jsonl | npx nestling embed - --format jsonl -o notes.npy',
  ],
  async run([path = ''], values, context) {
    const target = targetOf(values)
    const input = inputOf(path, values, context.cwd)
    const sink = await chooseSink(target, { cwd: context.cwd })
    const ranges = await rangesOf(values, context.cwd)
    const inputBytes = sizeOf(input.path)
    await using embedder = await loadModel(values, context, { workers: values.workers })
    const encode = await prepareEncode(embedder, values, { ranges, assetFolder: context.assetFolder })
    const job = await jobOf({ embedder, values, input, encode, ranges, context })
    const printer = new ProgressPrinter(context, values.quiet)
    const result = await runEmbed({
      ...{ reader: new InputReader(input), sink, job, encode, inputBytes, interruption: context.interruption },
      onProgress: (progress) => {
        printer.show(progress)
      },
    })
    printer.end()
    report(result, { name: sink.name, job, values, context })
    return EXIT.ok
  },
})

function targetOf({ out, to, json }: EmbedValues): string {
  const target = out ?? to
  if (target === undefined)
    throw misuse('-o OUT must be named', 'Name a file that ends with .npy or .jsonl, or a table with --to')
  if (out !== undefined && to !== undefined) throw misuse('there must be one of -o and --to', 'Leave one out')
  if (target === STANDARD_OUTPUT && json) throw misuse('--json would be in the midst of the rows', 'Leave --json out')
  return target
}

function inputOf(path: string, { format, column, 'id-column': idColumn }: EmbedValues, cwd: string): InputOptions {
  const chosen = format ?? formatOf(path)
  if (chosen === 'lines' && (column ?? idColumn) !== undefined) {
    throw misuse('plain lines have no columns', 'Leave --column and --id-column out, or name another --format')
  }
  const place = path === STANDARD_INPUT ? path : resolve(cwd, path)
  return { path: place, format: chosen, column: column ?? DEFAULT_COLUMN, idColumn }
}

/** Looks at the input before a model is loaded. */
function sizeOf(path: string): number | undefined {
  if (path === STANDARD_INPUT) return undefined
  try {
    accessSync(path, constants.R_OK)
    const stats = statSync(path)
    if (stats.isDirectory()) throw new CliError(`Cannot read ${path} as it is a folder\nName a file`)
    return stats.isFile() ? stats.size : undefined
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError(`Cannot read ${path} as ${fileFailure(error)}\nLook at the path`, undefined, error)
  }
}

async function rangesOf({ precision, calibration }: EmbedValues, cwd: string): Promise<Ranges | undefined> {
  const needsRanges = precision === 'int8' || precision === 'uint8'
  if (needsRanges && calibration === undefined) {
    throw misuse(
      `--precision ${precision} must have --calibration FILE`,
      'Rows come one after another, so that nobody knows the range of all: embed a sample to a .npy file first',
    )
  }
  if (!needsRanges && calibration !== undefined) {
    throw misuse('--calibration is for --precision int8 and uint8', 'Leave it out')
  }
  return calibration === undefined ? undefined : readRanges(resolve(cwd, calibration))
}

async function prepareEncode(
  embedder: Embedder,
  values: EmbedValues,
  { ranges, assetFolder }: { readonly ranges: Ranges | undefined; readonly assetFolder: string },
): Promise<EncodeTexts> {
  const { Matrix } = await importLibrary(assetFolder)
  return encoderOf(embedder, values.task, {
    truncateDim: values.dims,
    normalize: values.normalize,
    precision: values.precision,
    ranges: ranges === undefined ? undefined : new Matrix(ranges.data, ranges.shape),
    promptName: values['prompt-name'],
    batchSize: values.batch,
  })
}

interface JobParts {
  readonly embedder: Embedder
  readonly values: EmbedValues
  readonly input: InputOptions
  readonly encode: EncodeTexts
  readonly ranges: Ranges | undefined
  readonly context: CommandContext
}

async function jobOf({ embedder, values, input, encode, ranges, context }: JobParts): Promise<SinkJob> {
  // What is wrong with an option shows here, before anything is written.
  const { dim } = await encode(['a'], context.interruption)
  const { space, report: run } = embedder
  const { precision = 'float32', normalize, task, 'prompt-name': promptName, restart, overwrite } = values
  const { format, column, idColumn } = input
  const calibration = ranges === undefined ? undefined : createHash('sha256').update(ranges.data).digest('hex')
  const asked = { format, column, idColumn, dim, precision, normalize, task, promptName, calibration }
  // Another build of kernels gives other last bits.
  const made = { space: space.id, dtype: run.dtype, runtime: run.runtime, version: versionOf(context.assetFolder) }
  const digest = createHash('sha256')
    .update(JSON.stringify({ ...asked, ...made }))
    .digest('hex')
  return { space, dim, precision, textName: column, digest, isRestart: restart, isOverwrite: overwrite }
}

function versionOf(assetFolder: string): string {
  return (JSON.parse(readFileSync(join(assetFolder, '../package.json'), 'utf8')) as { version: string }).version
}

interface Reported {
  readonly name: string
  readonly job: SinkJob
  readonly values: EmbedValues
  readonly context: CommandContext
}

function report(result: EmbedResult, { name, job, values, context }: Reported): void {
  const { rows, resumedFrom, elapsedMs } = result
  const seconds = elapsedMs / 1000
  const { dim, precision, space } = job
  if (values.json) {
    const rowsPerSecond = seconds > 0 ? (rows - resumedFrom) / seconds : 0
    context.print(
      JSON.stringify({
        out: name,
        rows,
        resumedFrom,
        dim,
        precision: precision satisfies Precision,
        space,
        seconds,
        rowsPerSecond,
      }),
    )
  } else if (!values.quiet) {
    const earlier = resumedFrom > 0 ? `, ${resumedFrom} of them from an earlier run` : ''
    context.printError(`${name}: ${rows} rows of ${dim} ${precision} in ${durationText(seconds)}${earlier}`)
  }
}

function misuse(reason: string, advice: string): CliError {
  return new CliError(`Cannot embed as ${reason}\n${advice}; nestling embed --help tells all`, EXIT.misuse)
}
