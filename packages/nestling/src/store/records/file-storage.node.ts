import { COMMIT_MS, FULL_DISK, RecordFiles } from '@nestling/kit/records/record-files.node'
import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import type { StoreKey } from './database-schema.js'
import type { Change, RecordOf, RecordStorage, RecordStoreName } from './record-storage.js'

/** Keeps records in the files of a folder. */
export class FileStorage implements RecordStorage {
  readonly kind = 'files'
  readonly #files: RecordFiles
  #isClosed = false

  private constructor(files: RecordFiles) {
    this.#files = files
  }

  /**
   * Opens a folder, which is made where it is not there, and finishes what a process had decided that died.
   *
   * @throws {EmbedderError} `store-unavailable` or `quota-exceeded`
   */
  static async open(folder: string): Promise<FileStorage> {
    try {
      return new FileStorage(await RecordFiles.open(folder))
    } catch (error) {
      throw toStoreFailure(error, folder)
    }
  }

  /** {@inheritDoc RecordStorage.get} */
  async get<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined> {
    const [value] = await this.getMany(name, [key])
    return value
  }

  /** {@inheritDoc RecordStorage.getMany} */
  getMany<Name extends RecordStoreName>(
    name: Name,
    keys: readonly StoreKey[],
  ): Promise<readonly (RecordOf<Name> | undefined)[]> {
    return this.#settle(() => this.#files.readMany(name, keys) as Promise<readonly (RecordOf<Name> | undefined)[]>)
  }

  /** {@inheritDoc RecordStorage.list} */
  async list<Name extends RecordStoreName>(
    name: Name,
    prefix: StoreKey,
  ): Promise<readonly { readonly key: StoreKey; readonly value: RecordOf<Name> }[]> {
    const keys = await this.keys(name, prefix)
    const values = await this.getMany(name, keys)
    // What another process has deleted meanwhile is not there.
    return keys.flatMap((key, index) => {
      const value = values[index]
      return value === undefined ? [] : [{ key, value }]
    })
  }

  /** {@inheritDoc RecordStorage.keys} */
  keys(name: RecordStoreName, prefix: StoreKey): Promise<readonly StoreKey[]> {
    return this.#settle(() => this.#files.keys(name, prefix))
  }

  /** {@inheritDoc RecordStorage.commit} */
  async commit(changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await this.#settle(() => this.#files.commit(changes))
  }

  /** {@inheritDoc RecordStorage.close} */
  close(): void {
    this.#isClosed = true
  }

  async #settle<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw failure('it was closed', undefined, 'InvalidStateError')
    try {
      return await work()
    } catch (error) {
      throw toStoreFailure(error, this.#files.folder)
    }
  }
}

function toStoreFailure(error: unknown, folder: string): Error {
  const { code = 'Error', message, name } = error as NodeJS.ErrnoException
  if (isEmbedderError(error) || name === 'DataCloneError') return error as Error
  if (name === 'TimeoutError') {
    return failure(`another process has been writing to ${folder} for ${COMMIT_MS / 1000} s`, error, 'timeout')
  }
  if (!FULL_DISK.includes(code)) return failure(message, error, code)
  return new EmbedderError(
    'quota-exceeded',
    `Cannot store more as the disk of ${folder} has no room for it\nFree disk space, delete models with modelCache.delete(), or say by NESTLING_CACHE where there is room; what was stored before is whole`,
    { cause: error, details: { reason: code } },
  )
}

function failure(reason: string, cause: unknown, code: string): EmbedderError {
  return new EmbedderError(
    'store-unavailable',
    `Cannot use the store as ${reason}\nSay by NESTLING_CACHE which folder may be written`,
    {
      cause,
      details: { reason: code },
    },
  )
}
