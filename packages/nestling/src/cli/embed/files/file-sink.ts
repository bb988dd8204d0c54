import { existsSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { open, rename, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Release } from '@nestling/kit/locks/web-locks'
import { CliError, EXIT } from '../../cli-error.js'
import { fileFailure, isDiskFull } from '../../explain-error.js'
import type { Checkpoint, EmbeddingSink, SinkJob, SinkRow } from '../embedding-sink.js'
import { lockTarget } from '../lock-target.js'
import { readState, writeState, type FileState } from './file-state.js'
import type { RowFormat } from './row-format.js'

/** What an open file is. */
interface OpenFile {
  readonly job: SinkJob
  readonly handle: FileHandle
}

/**
 * Writes a file `OUT.part`, with a state beside it that says which of its bytes count, and gives it its name at the end. Whoever reads OUT finds
 * all rows or no file.
 */
export class FileSink implements EmbeddingSink {
  readonly name: string
  readonly #format: RowFormat
  readonly #part: string
  readonly #statePath: string
  #release: Release | undefined
  #file: OpenFile | undefined
  #rows = 0
  #bytes = 0

  /**
   * Opens nothing yet.
   *
   * @param path - OUT, absolute.
   */
  constructor(path: string, format: RowFormat) {
    this.name = path
    this.#format = format
    this.#part = `${path}.part`
    this.#statePath = `${path}.part.json`
  }

  /** {@inheritDoc EmbeddingSink.open} */
  async open(job: SinkJob): Promise<Checkpoint | undefined> {
    const folder = dirname(this.name)
    await this.#writing(() => mkdirSync(folder, { recursive: true }))
    this.#release = await lockFile(this.name)
    if (statSync(this.name, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new CliError(`Cannot write ${this.name} as it is a folder\nName a file`)
    }
    if (existsSync(this.name) && !job.isOverwrite) {
      throw new CliError(`Cannot write ${this.name} as it is there already\nAdd --overwrite to replace it`)
    }
    if (job.isRestart) this.#discard()
    const state = existsSync(this.#part) ? readState(this.#statePath) : undefined
    if (state !== undefined && state.job !== job.digest) {
      throw new CliError(
        `Cannot go on with ${this.#part} as it was begun with another model, other options or another version\nRun the same command as before, or add --restart to begin again`,
      )
    }
    const handle = await this.#writing(() => open(this.#part, state === undefined ? 'w+' : 'r+'))
    this.#file = { job, handle }
    return state === undefined ? this.#begin(job, handle) : this.#goOn(state, handle)
  }

  /** {@inheritDoc EmbeddingSink.write} */
  async write(rows: readonly SinkRow[], { rows: count, inputDigest }: Checkpoint): Promise<void> {
    const { job, handle } = this.#opened()
    const bytes = this.#format.rows(rows, job)
    await this.#writing(async () => {
      await writeAll(handle, bytes, this.#bytes)
      // The state must not reach the disk before the rows that it counts.
      await handle.datasync()
      const state = { job: job.digest, rows: count, bytes: this.#bytes + bytes.byteLength, inputDigest }
      writeState(this.#statePath, state)
    })
    this.#rows = count
    this.#bytes += bytes.byteLength
  }

  /** {@inheritDoc EmbeddingSink.finish} */
  async finish(): Promise<void> {
    const { job, handle } = this.#opened()
    await this.#writing(async () => {
      await writeAll(handle, this.#format.head(job, this.#rows), 0)
      await handle.datasync()
      await handle.close()
      this.#file = undefined
      await rename(this.#part, this.name)
      rmSync(this.#statePath, { force: true })
    })
    this.#letGo()
  }

  /** {@inheritDoc EmbeddingSink.abort} */
  async abort(): Promise<void> {
    await this.#file?.handle.close().catch(() => undefined)
    this.#file = undefined
    // Without a row there is nothing to go on with.
    if (this.#release !== undefined && this.#rows === 0 && !existsSync(this.#statePath)) {
      rmSync(this.#part, { force: true })
    }
    this.#letGo()
  }

  async #begin(job: SinkJob, handle: FileHandle): Promise<undefined> {
    rmSync(this.#statePath, { force: true })
    const head = this.#format.head(job, 0)
    await this.#writing(() => writeAll(handle, head, 0))
    this.#bytes = head.byteLength
    return undefined
  }

  /** Cuts off what was being written when the last run ended. */
  async #goOn({ rows, bytes, inputDigest }: FileState, handle: FileHandle): Promise<Checkpoint> {
    const { size } = await handle.stat()
    if (size < bytes) {
      throw new CliError(
        `Cannot go on with ${this.#part} as it must have ${bytes} bytes or more: current size is ${size}\nAdd --restart to begin again`,
      )
    }
    await this.#writing(() => handle.truncate(bytes))
    this.#rows = rows
    this.#bytes = bytes
    return { rows, inputDigest }
  }

  #discard(): void {
    for (const path of [this.#part, this.#statePath]) rmSync(path, { force: true })
  }

  #opened(): OpenFile {
    if (this.#file === undefined) throw new Error('Cannot write a sink that is not open')
    return this.#file
  }

  #letGo(): void {
    this.#release?.()
    this.#release = undefined
  }

  async #writing<T>(write: () => T | Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (cause) {
      const advice = isDiskFull(cause)
        ? `\n${this.#rows} rows are kept: make room and run the same command again`
        : '\nName another file with -o, or look at the rights of its folder'
      throw new CliError(`Cannot write ${this.name} as ${fileFailure(cause)}${advice}`, undefined, cause)
    }
  }
}

/** Two names of one file, by links or by another working directory, have one lock. */
async function lockFile(path: string): Promise<Release> {
  const real = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path))
  const release = await lockTarget(resolve(real))
  if (release !== undefined) return release
  throw new CliError(
    `Cannot write ${path} as another process is writing it\nWait for its end, or name another file`,
    EXIT.failed,
  )
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0
  // A disk that fills up takes a part of it first.
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, position + written)
    written += bytesWritten
  }
}
