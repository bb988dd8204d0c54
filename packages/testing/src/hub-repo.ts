import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fixturePath } from './disk.ts'

/** A file of a repository; large ones are made piece by piece as they are sent. */
export interface HubFile {
  readonly sizeBytes: number
  readonly etag: string
  readonly type?: string
  read(start: number, end: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** A repository. */
export interface HubRepo {
  readonly files: Readonly<Record<string, HubFile>>
  /** Makes it private. */
  readonly token?: string
  /** Its only revision; `main` when left out. */
  readonly revision?: string
}

/** Makes a file of bytes or text. */
export function hubFile(content: Uint8Array | string): HubFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return {
    sizeBytes: bytes.byteLength,
    etag: `"${bytes.byteLength}"`,
    type: typeof content === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    read: (start, end) => [bytes.subarray(start, end)],
  }
}

/**
 * Makes the files of a repository from a tiny model.
 *
 * @param model - Name of the model.
 * @returns Its files by path.
 */
export function fixtureFiles(model: string): Record<string, HubFile> {
  const folder = fixturePath(model, '')
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(folder, path).replaceAll('\\', '/'), hubFile(readFileSync(path))]
    }),
  )
}
