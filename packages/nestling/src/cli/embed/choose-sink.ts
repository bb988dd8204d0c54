import { CliError, EXIT } from '../cli-error.js'
import type { EmbeddingSink } from './embedding-sink.js'
import { LanceSink } from './lance-sink.js'
import { readLanceTarget } from './lance/lance-target.js'
import { PostgresSink } from './postgres-sink.js'
import { readPostgresTarget } from './postgres/postgres-target.js'

/** What is known of a target before anything is read. */
export interface SinkOptions {
  /** The folder that relative paths are meant from. */
  readonly cwd: string
}

/** Makes the sink of a target that one of them knows. */
interface SinkKind {
  /** Whether a target is of this kind. */
  readonly matches: (target: string) => boolean
  /** Makes it; nothing is opened yet. */
  readonly create: (target: string, options: SinkOptions) => EmbeddingSink | Promise<EmbeddingSink>
}

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
    `Cannot write ${target} as its ending says no format\nName a file that ends with .npy or .jsonl`,
    EXIT.misuse,
  )
}
