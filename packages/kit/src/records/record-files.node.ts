import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { SocketLocks, socketAddress } from '../locks/socket-locks.node.js'
import { commitFiles, finishCommits, makeFolder, type FileChanges } from './file-commit.node.js'
import { compareKeys, type RecordKey } from './key-order.js'
import { fromRecordBytes, toRecordBytes } from './record-bytes.node.js'
import { folderPath, keyOfPath, recordPath } from './record-paths.node.js'

/** Another process that is at a commit is done after milliseconds; one that was stopped is not waited for. */
export const COMMIT_MS = 30_000

/** Codes that a disk without room gives. */
export const FULL_DISK: readonly string[] = ['ENOSPC', 'EDQUOT']

/** Files that are read side by side. */
const READS_IN_FLIGHT = 16

/** One change of a commit, in a store of that name: a record is put or deleted, or all those whose keys start with a prefix. */
export type RecordChange =
  | { readonly put: string; readonly key: RecordKey; readonly value: unknown }
  | { readonly delete: string; readonly key: RecordKey }
  | { readonly deleteAll: string; readonly prefix: RecordKey }

/** A change whose record is in bytes where it is needed. */
type FileChange =
  | Exclude<RecordChange, { readonly put: string }>
  | { readonly put: string; readonly key: RecordKey; readonly bytesOf: () => Uint8Array }

/** Makes changes, all of them or none. */
type Commit = (changes: readonly RecordChange[]) => Promise<void>

/**
 * Records by key in the files of a folder, one each, which processes and threads share. What fails rejects as the file system says it; waiting
 * for who is at a commit ends with a `TimeoutError`.
 */
export class RecordFiles {
  /** The folder, by the one path that all who share it have for it. */
  readonly folder: string
  readonly #locks: SocketLocks

  private constructor(folder: string) {
    this.folder = folder
    this.#locks = new SocketLocks((name) => socketAddress(`${folder}\n${name}`))
  }

  /** Opens a folder, which is made where it is not there, and finishes what a process had decided that died. */
  static async open(folder: string): Promise<RecordFiles> {
    await makeFolder(folder)
    const files = new RecordFiles(await realpath(folder))
    await files.alone(() => Promise.resolve())
    return files
  }

  /**
   * Reads several records.
   *
   * @returns A record a key, in their order; `undefined` where there is none, or it is damaged.
   */
  async readMany(store: string, keys: readonly RecordKey[]): Promise<readonly unknown[]> {
    const values: unknown[] = []
    for (let start = 0; start < keys.length; start += READS_IN_FLIGHT) {
      const some = keys.slice(start, start + READS_IN_FLIGHT)
      values.push(...(await Promise.all(some.map((key) => this.read(store, key)))))
    }
    return values
  }

  /**
   * Reads a record.
   *
   * @returns It; `undefined` where there is none, or it is damaged.
   */
  async read(store: string, key: RecordKey): Promise<unknown> {
    const bytes = await readFile(this.#pathOf(store, key)).catch(unlessMissing)
    return bytes === undefined ? undefined : fromRecordBytes(bytes)
  }

  /**
   * Tells one writing of a record from another.
   *
   * @returns A text that is another one each time; `undefined` where there is no record.
   */
  async stampOf(store: string, key: RecordKey): Promise<string | undefined> {
    const found = await stat(this.#pathOf(store, key), { bigint: true }).catch(unlessMissing)
    return found && `${found.ino} ${found.mtimeNs} ${found.size}`
  }

  /** Gives all keys that start with a prefix, in order. */
  async keys(store: string, prefix: RecordKey): Promise<RecordKey[]> {
    const below = folderPath(prefix)
    const entries = await readdir(join(this.folder, store, below), { recursive: true }).catch(unlessMissing)
    const paths = (entries ?? []).map((entry) => posix.join(below, entry.replaceAll('\\', '/')))
    const own = prefix.length > 0 && (await this.read(store, prefix)) !== undefined ? [prefix] : []
    return [...own, ...paths.map(keyOfPath).filter((key) => key !== undefined)].sort(compareKeys)
  }

  /** Makes changes in their order, all of them or none. */
  async commit(changes: readonly RecordChange[]): Promise<void> {
    // First of all, as what cannot be cloned changes nothing, and the caller may change values while others are waited for.
    const now = changes.map((change): FileChange => {
      if (!('put' in change)) return change
      const bytes = toRecordBytes(change.value)
      return { put: change.put, key: change.key, bytesOf: () => bytes }
    })
    await this.#locked(() => this.#write(now))
  }

  /**
   * Does work while no other process and no other thread commits.
   *
   * @param work - Reads, and makes its changes in one commit by what it gets.
   */
  alone<T>(work: (commit: Commit) => Promise<T>): Promise<T> {
    return this.#locked(() => work((changes) => this.#write(changes.map(toFileChange))))
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return this.#locks.request('commit', { signal: AbortSignal.timeout(COMMIT_MS) }, async () => {
      await finishCommits(this.folder)
      return work()
    })
  }

  async #write(changes: readonly FileChange[]): Promise<void> {
    await commitFiles(this.folder, await this.#filesOf(changes))
  }

  /** What is left of changes in their order: no file is written and deleted. */
  async #filesOf(changes: readonly FileChange[]): Promise<FileChanges> {
    const puts = new Map<string, () => Uint8Array>()
    const deletes = new Set<string>()
    const drop = (path: string): void => {
      puts.delete(path)
      deletes.add(path)
    }
    for (const change of changes) {
      if ('put' in change) {
        const path = posix.join(change.put, recordPath(change.key))
        deletes.delete(path)
        puts.set(path, change.bytesOf)
      } else if ('delete' in change) drop(posix.join(change.delete, recordPath(change.key)))
      else {
        const store = change.deleteAll
        for (const key of await this.keys(store, change.prefix)) drop(posix.join(store, recordPath(key)))
        const inside = posix.join(store, folderPath(change.prefix))
        for (const path of puts.keys()) if (path.startsWith(`${inside}/`) || path === `${inside}.bin`) drop(path)
      }
    }
    return { puts, deletes }
  }

  #pathOf(store: string, key: RecordKey): string {
    return join(this.folder, store, recordPath(key))
  }
}

function toFileChange(change: RecordChange): FileChange {
  if (!('put' in change)) return change
  return { put: change.put, key: change.key, bytesOf: () => toRecordBytes(change.value) }
}

function unlessMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
}
