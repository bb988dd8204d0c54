import { CliError, EXIT } from '../cli-error.js'
import { checkFloat32 } from './check-float32.js'
import type { Checkpoint, EmbeddingSink, SinkJob, SinkRow } from './embedding-sink.js'
import { importLance, type LanceDatabase, type LanceLibrary, type LanceTable } from './lance/lance-library.js'
import { CHECKPOINT, DIGEST_KEY, readCheckpoint, schemaOf, SPACE_KEY, toArrow } from './lance/lance-rows.js'
import type { LanceTarget } from './lance/lance-target.js'
import { lockTarget } from './lock-target.js'

/** A table that is open for a run. */
interface OpenTable {
  readonly library: LanceLibrary
  readonly database: LanceDatabase
  readonly table: LanceTable
}

/**
 * Writes embeddings into a table of Lance, with the columns `id`, `embedding`, `text` and `fields` (JSON). Each call of `write` is one commit of
 * Lance, whose last row says how far the run came: a process that is killed leaves a whole number of them.
 */
export class LanceSink implements EmbeddingSink {
  readonly name: string
  readonly #target: LanceTarget
  readonly #cwd: string
  #open: OpenTable | undefined
  #release: (() => void) | undefined
  #rows = 0

  /**
   * Makes the sink; nothing is opened yet.
   *
   * @param target - Database and table.
   * @param cwd - Where `@lancedb/lancedb` is installed.
   */
  constructor(target: LanceTarget, cwd: string) {
    this.#target = target
    this.#cwd = cwd
    this.name = target.shown
  }

  async open(job: SinkJob): Promise<Checkpoint | undefined> {
    checkFloat32('Lance', job)
    const library = await importLance(this.#cwd)
    // Lance itself lets two append at the same time.
    this.#release = await lockTarget(this.name)
    if (this.#release === undefined) {
      throw this.#refusal('another process writes it', 'Wait for its end, or name another folder')
    }
    return await this.#explained(async () => {
      const database = await library.connect(this.#target.database)
      const names = await database.tableNames()
      const found = names.includes(this.#target.table) ? await database.openTable(this.#target.table) : undefined
      const kept = found === undefined ? undefined : await this.#look(found, job)
      const table = kept === undefined ? await this.#make(database, library, job) : found
      if (table === undefined) throw new Error(`Cannot find ${this.name} although it was read`)
      this.#open = { library, database, table }
      this.#rows = kept?.rows ?? 0
      return kept
    })
  }

  async write(rows: readonly SinkRow[], checkpoint: Checkpoint): Promise<void> {
    await this.#explained(async () => {
      const { table, library } = this.#opened()
      await this.#checkAlone(table, this.#rows)
      await table.add(toArrow(library.arrow, await table.schema(), rows, checkpoint))
      // Lance lets two append at the same time.
      await this.#checkAlone(table, this.#rows + rows.length)
    })
    this.#rows = checkpoint.rows
  }

  async finish(): Promise<void> {
    await this.#explained(async () => {
      const { table } = this.#opened()
      await this.#checkAlone(table, this.#rows)
      await table.dropColumns([CHECKPOINT])
      // Files of one call each become large ones; only then nobody needs the small ones.
      await table.optimize()
      await table.optimize({ cleanupOlderThan: new Date() })
    })
    await this.abort()
  }

  abort(): Promise<void> {
    this.#open?.table.close()
    this.#open?.database.close()
    this.#open = undefined
    this.#release?.()
    this.#release = undefined
    return Promise.resolve()
  }

  #opened(): OpenTable {
    if (this.#open === undefined) throw new Error(`Cannot write to ${this.name} as it is not open`)
    return this.#open
  }

  /** @returns How far an unfinished run came; `undefined` where the table is to be made anew. */
  async #look(table: LanceTable, job: SinkJob): Promise<Checkpoint | undefined> {
    const { fields, metadata } = await table.schema()
    const isFinished = fields.every(({ name }) => name !== CHECKPOINT)
    if (isFinished ? job.isOverwrite : job.isRestart) return undefined
    const dim = fields.find(({ name }) => name === 'embedding')?.type.listSize
    const space = metadata.get(SPACE_KEY)
    if (dim === undefined || !metadata.has(DIGEST_KEY)) {
      throw this.#refusal('no run of this command made it', 'Name another folder, or give --overwrite')
    }
    if (dim !== job.dim) {
      throw this.#refusal(
        `its vectors must have ${job.dim} components: current number is ${dim}`,
        'Name another folder, or take the model and --dims that it was made with',
      )
    }
    if (space !== undefined && job.space.id !== '' && space !== job.space.id) {
      throw this.#refusal(
        `its vectors must come from the same model: current spaces are ${space} and ${job.space.id}`,
        'Name another folder, or take the model that it was made with',
      )
    }
    if (isFinished) {
      throw this.#refusal('it is finished', 'Name another folder, or give --overwrite to have it replaced')
    }
    const rows = await table.countRows()
    if (metadata.get(DIGEST_KEY) !== job.digest) {
      throw this.#refusal(
        `it holds ${rows} rows of another input or of other options`,
        'Run the command that began it again, or give --restart to begin anew',
      )
    }
    return await this.#readCheckpoint(table, rows)
  }

  async #readCheckpoint(table: LanceTable, rows: number): Promise<Checkpoint> {
    const found = await table.query().where(`${CHECKPOINT} is not null`).select([CHECKPOINT]).toArray()
    const kept = readCheckpoint(found)
    if (kept.rows === rows) return kept
    throw this.#refusal(
      `it must hold ${kept.rows} rows, as its last one says: current number is ${rows}`,
      'Something else wrote it: give --restart to begin anew',
    )
  }

  async #make(database: LanceDatabase, { arrow }: LanceLibrary, job: SinkJob): Promise<LanceTable> {
    const mode = job.isOverwrite || job.isRestart ? 'overwrite' : 'create'
    return await database.createEmptyTable(this.#target.table, schemaOf(arrow, job), { mode })
  }

  async #checkAlone(table: LanceTable, expected: number): Promise<void> {
    await table.checkoutLatest()
    const rows = await table.countRows()
    if (rows === expected) return
    throw this.#refusal(
      `another process writes it: it holds ${rows} rows in the place of ${expected}`,
      'End the other one, then give --restart to begin anew',
    )
  }

  #refusal(reason: string, advice: string): CliError {
    return new CliError(`Cannot write ${this.name} as ${reason}\n${advice}`)
  }

  async #explained<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof CliError) throw error
      throw new CliError(
        `Cannot write ${this.name} as Lance answers: ${reasonOf(error)}\nNothing of these rows is stored; those before them are`,
        EXIT.failed,
        error,
      )
    }
  }
}

/** Its messages go on with causes and with places in its own sources. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (message.split(/\s+Caused by:|, \/\S+\.rs:/)[0] ?? '').replaceAll(/\s+/g, ' ').trim()
}
