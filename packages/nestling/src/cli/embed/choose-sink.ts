import { resolve } from 'node:path'
import { CliError, EXIT } from '../cli-error.js'
import type { EmbeddingSink } from './embedding-sink.js'
import { FileSink } from './files/file-sink.js'
import { JSONL_FORMAT } from './files/jsonl-format.js'
import { NPY_FORMAT } from './files/npy-format.js'
import { StdoutSink } from './files/stdout-sink.js'
import { LanceSink } from './lance-sink.js'
import { readLanceTarget } from './lance/lance-target.js'
import { PostgresSink } from './postgres-sink.js'
import { readPostgresTarget } from './postgres/postgres-target.js'

/** What is known of a target before anything is read. */
export interface SinkOptions {
  /** The folder that relative paths are meant from, and packages are installed for. */
  readonly cwd: string
}

/** Makes the sink of a target that one of them knows. */
interface SinkKind {
  /** Whether a target is of this kind. */
  readonly matches: (target: string) => boolean
  /** Makes it; nothing is opened yet. */
  readonly create: (target: string, options: SinkOptions) => EmbeddingSink | Promise<EmbeddingSink>
}

/** Name of the standard output as a target. */
export const STANDARD_OUTPUT = '-'

/** In the order they are asked. Databases stand before files. */
const KINDS: readonly SinkKind[] = [
  {
    matches: (target) => /^postgres(ql)?:\/\//.test(target),
    create: (target, { cwd }) => new PostgresSink(readPostgresTarget(target), cwd),
  },
  {
    matches: (target) => /\.lance\/?$/.test(target),
    create: (target, { cwd }) => new LanceSink(readLanceTarget(target, cwd), cwd),
  },
  { matches: (target) => target === STANDARD_OUTPUT, create: () => new StdoutSink() },
  {
    matches: (target) => /\.npy$/i.test(target),
    create: (target, { cwd }) => new FileSink(resolve(cwd, target), NPY_FORMAT),
  },
  {
    matches: (target) => /\.(jsonl|ndjson)$/i.test(target),
    create: (target, { cwd }) => new FileSink(resolve(cwd, target), JSONL_FORMAT),
  },
]

/**
 * Chooses what takes the embeddings, by the scheme or the ending of a target.
 *
 * @param target - What `--to` or `-o` names.
 * @throws {CliError} If nothing here writes such a target.
 */
export async function chooseSink(target: string, options: SinkOptions): Promise<EmbeddingSink> {
  const kind = KINDS.find(({ matches }) => matches(target))
  if (kind !== undefined) return kind.create(target, options)
  throw new CliError(
    `Cannot write ${target} as its ending says no format\nName a file that ends with .npy or .jsonl, a folder that ends with .lance, or a postgres:// URL`,
    EXIT.misuse,
  )
}
