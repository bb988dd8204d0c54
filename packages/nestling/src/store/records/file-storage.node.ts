import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { SocketLocks, socketAddress } from '@nestling/kit/locks/socket-locks.node'
import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import type { StoreKey } from './database-schema.js'
import { commitFiles, finishCommits, type FileChanges } from './file-commit.node.js'
import { compareKeys } from './key-order.js'
import { fromRecordBytes, toRecordBytes } from './record-bytes.node.js'
import { folderPath, keyOfPath, recordPath } from './record-paths.node.js'
import type { Change, RecordOf, RecordStorage, RecordStoreName } from './record-storage.js'

/** Another process that is at a commit is done after milliseconds; one that was stopped is not waited for. */
const COMMIT_MS = 30_000

/** Files that are read side by side. */
const READS_IN_FLIGHT = 16

/** Codes of a disk that is full. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT']

/** Keeps records in files, one each, which processes and threads share. */
export class FileStorage implements RecordStorage {
  readonly kind = 'files'
  readonly #folder: string
  readonly #locks: SocketLocks
  #isClosed = false

  private constructor(folder: string) {
    this.#folder = folder
    this.#locks = new SocketLocks((name) => socketAddress(`${folder}\n${name}`))
  }

  /**
   * Opens a folder, which is made where it is not there, and finishes what a process had decided that died.
   *
   * @throws {EmbedderError} `store-unavailable` or `quota-exceeded`
   */
  static async open(folder: string): Promise<FileStorage> {
    const storage = new FileStorage(folder)
    await storage.#alone(() => Promise.resolve())
    return storage
  }

  /** {@inheritDoc RecordStorage.get} */
  async get<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined> {
    const [value] = await this.getMany(name, [key])
    return value
  }

  /** {@inheritDoc RecordStorage.getMany} */
  async getMany<Name extends RecordStoreName>(
    name: Name,
    keys: readonly StoreKey[],
  ): Promise<readonly (RecordOf<Name> | undefined)[]> {
    return this.#settle(async () => {
      const values: (RecordOf<Name> | undefined)[] = []
      for (let start = 0; start < keys.length; start += READS_IN_FLIGHT) {
        const some = keys.slice(start, start + READS_IN_FLIGHT)
        values.push(...(await Promise.all(some.map((key) => this.#read(name, key)))))
      }
      return values
    })
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
    return this.#settle(() => this.#keys(name, prefix))
  }

  /** {@inheritDoc RecordStorage.commit} */
  async commit(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return
    // First of all, as what cannot be cloned changes nothing.
    const bytes = changes.map((change) => ('put' in change ? toRecordBytes(change.value) : undefined))
    await this.#settle(() =>
      this.#alone(async () => {
        await commitFiles(this.#folder, await this.#filesOf(changes, bytes))
      }),
    )
  }

  /** {@inheritDoc RecordStorage.close} */
  close(): void {
    this.#isClosed = true
  }

  async #read<Name extends RecordStoreName>(name: Name, key: StoreKey): Promise<RecordOf<Name> | undefined> {
    const bytes = await readFile(join(this.#folder, name, recordPath(key))).catch(unlessMissing)
    return bytes === undefined ? undefined : (fromRecordBytes(bytes) as RecordOf<Name> | undefined)
  }

  async #keys(name: RecordStoreName, prefix: StoreKey): Promise<StoreKey[]> {
    const below = folderPath(prefix)
    const entries = await readdir(join(this.#folder, name, below), { recursive: true }).catch(unlessMissing)
    const paths = (entries ?? []).map((entry) => posix.join(below, entry.replaceAll('\\', '/')))
    const own = prefix.length > 0 && (await this.#read(name, prefix)) !== undefined ? [prefix] : []
    return [...own, ...paths.map(keyOfPath).filter((key) => key !== undefined)].sort(compareKeys)
  }

  /** What is left of changes in their order: no file is written and deleted. */
  async #filesOf(changes: readonly Change[], bytes: readonly (Uint8Array | undefined)[]): Promise<FileChanges> {
    const puts = new Map<string, Uint8Array>()
    const deletes = new Set<string>()
    const drop = (path: string): void => {
      puts.delete(path)
      deletes.add(path)
    }
    for (const [index, change] of changes.entries()) {
      if ('put' in change) {
        const path = posix.join(change.put, recordPath(change.key))
        deletes.delete(path)
        puts.set(path, bytes[index] as Uint8Array)
      } else if ('delete' in change) drop(posix.join(change.delete, recordPath(change.key)))
      else {
        const store = change.deleteAll
        for (const key of await this.#keys(store, change.prefix)) drop(posix.join(store, recordPath(key)))
        const inside = posix.join(store, folderPath(change.prefix))
        for (const path of puts.keys()) if (path.startsWith(`${inside}/`) || path === `${inside}.bin`) drop(path)
      }
    }
    return { puts, deletes }
  }

  /** Does work while no other process and no other thread commits. */
  async #alone(work: () => Promise<void>): Promise<void> {
    try {
      const signal = AbortSignal.timeout(COMMIT_MS)
      await this.#locks.request('commit', { signal }, async () => {
        await finishCommits(this.#folder)
        await work()
      })
    } catch (error) {
      throw toStoreFailure(error, this.#folder)
    }
  }

  async #settle<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw failure('it was closed', undefined, 'InvalidStateError')
    try {
      return await work()
    } catch (error) {
      throw toStoreFailure(error, this.#folder)
    }
  }
}

function unlessMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}

function toStoreFailure(error: unknown, folder: string): EmbedderError {
  if (isEmbedderError(error)) return error
  const { code = 'Error', message, name } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError') {
    return failure(`another process has been writing to ${folder} for ${COMMIT_MS / 1000} s`, error, 'timeout')
  }
  if (!FULL.includes(code)) return failure(message, error, code)
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
