import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { FileStorage } from './file-storage.node.js'

/** A folder for the storages of one suite, in the form in which the suites of stores take it. */
export function temporaryFiles(): [open: () => Promise<FileStorage>, wipe: () => Promise<void>, folder: string] {
  const folder = mkdtempSync(join(tmpdir(), 'nestling-files-'))
  const wipe = async (): Promise<void> => {
    rmSync(folder, { recursive: true, force: true })
    return Promise.resolve()
  }
  afterAll(wipe)
  return [() => FileStorage.open(folder), wipe, folder]
}
