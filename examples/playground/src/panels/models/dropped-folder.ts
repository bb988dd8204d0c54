import type { ModelSource } from 'nestling'

/** A folder that somebody dropped. */
export interface DroppedFolder {
  readonly name: string
  readonly source: ModelSource
}

/**
 * Lists the files of a dropped folder; none is read yet.
 *
 * @param dropped - What was dropped. Its items are read before anything is waited for, as a browser empties them afterwards.
 * @returns The folder; `undefined` where no folder was dropped.
 */
export async function droppedFolder(dropped: DataTransfer): Promise<DroppedFolder | undefined> {
  const [item] = Array.from(dropped.items).filter(({ kind }) => kind === 'file')
  if (item === undefined) return undefined
  const entry = item.webkitGetAsEntry()
  if (entry === null || !isDirectory(entry)) return undefined
  const files = new Map<string, File>()
  await readDirectory(entry, '', files)
  return { name: entry.name, source: files }
}

/** By its field: Chromium has no global of the interface's name. */
function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

async function readDirectory(
  folder: FileSystemDirectoryEntry,
  prefix: string,
  files: Map<string, File>,
): Promise<void> {
  const reader = folder.createReader()
  for (;;) {
    // A reader gives a hundred entries or so at a time, and none when it is done.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (entries.length === 0) return
    for (const entry of entries) {
      const path = `${prefix}${entry.name}`
      if (isDirectory(entry)) await readDirectory(entry, `${path}/`, files)
      else if (isFile(entry)) files.set(path, await fileOf(entry))
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject)
  })
}
