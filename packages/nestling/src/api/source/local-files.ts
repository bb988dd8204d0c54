import { show } from '@nestling/kit/options/show'

/** Files in memory by path: a `Map` or a plain object. */
export type ModelFiles = ReadonlyMap<string, ModelFileContent> | Readonly<Record<string, ModelFileContent>>

/** What a file in memory may be. */
export type ModelFileContent = Blob | Uint8Array<ArrayBuffer> | string

/** Local files as the host gets them. */
export interface LocalFiles {
  /** Name of the folder, where it has one. */
  readonly name: string
  readonly blobs: ReadonlyMap<string, Blob>
}

/** What such files are called in messages and in the report. */
const NAMELESS = 'local files'

/**
 * Takes files that a user chose. A common top folder, as `<input webkitdirectory>` gives one, is cut off.
 *
 * @param list - A `FileList`, or an array of files.
 * @returns Name and files by path; no file is read.
 * @throws {TypeError} If there is none, or two have the same path.
 */
export function fromFileList(list: FileList | readonly unknown[]): LocalFiles {
  const files = Array.from(list, (file) => {
    if (!isBlob(file) || !('name' in file)) throw invalid('a list must hold files only', file)
    return file as File
  })
  const paths = files.map((file) => file.webkitRelativePath || file.name)
  const top = commonTop(paths)
  const blobs = new Map<string, Blob>()
  for (const [index, file] of files.entries()) {
    const path = paths[index]?.slice(top.length) ?? ''
    if (blobs.has(path)) throw invalid('two files have the same path', path)
    blobs.set(path, file)
  }
  if (blobs.size === 0) throw new TypeError('Cannot load a model as the list has no files')
  return { name: top === '' ? NAMELESS : top.slice(0, -1), blobs }
}

function commonTop([first = '', ...others]: readonly string[]): string {
  const top = first.slice(0, first.indexOf('/') + 1)
  return others.every((path) => path.startsWith(top)) ? top : ''
}

/**
 * Takes files that are in memory.
 *
 * @param files - A `Map` or a plain object.
 * @returns Files by path; a `Uint8Array` is copied once.
 * @throws {TypeError} If there is none, or one is not a blob, bytes or a text.
 */
export function fromMemory(files: ReadonlyMap<unknown, unknown> | object): LocalFiles {
  const entries: readonly [unknown, unknown][] = isMap(files) ? [...files] : Object.entries(files)
  if (entries.length === 0) throw new TypeError('Cannot load a model as there are no files')
  const blobs = new Map<string, Blob>()
  for (const [path, content] of entries) {
    if (typeof path !== 'string') throw invalid('a path must be a string', path)
    blobs.set(path, toBlob(path, content))
  }
  return { name: NAMELESS, blobs }
}

function toBlob(path: string, content: unknown): Blob {
  if (isBlob(content)) return content
  if (typeof content === 'string' || isBytes(content)) return new Blob([content])
  throw invalid(`${path} must be a Blob, a Uint8Array or a string`, content)
}

/**
 * Tells whether a value is a directory handle.
 *
 * @param value - Anything.
 */
export function isDirectory(value: object): value is FileSystemDirectoryHandle {
  try {
    return 'kind' in value && value.kind === 'directory' && 'getFileHandle' in value
  } catch {
    // A proxy of one.
    return false
  }
}

/**
 * Tells whether a value is a list of files.
 *
 * @param value - Anything.
 * @returns Whether it is an array or a `FileList`.
 */
export function isFileList(value: object): value is FileList | readonly unknown[] {
  return Array.isArray(value) || tagOf(value) === 'FileList'
}

/**
 * Tells whether a value may hold files by path.
 *
 * @param value - Anything.
 * @returns Whether it is a `Map` or a plain object.
 */
export function isMapOrRecord(value: object): boolean {
  return isMap(value) || (tagOf(value) === 'Object' && Object.keys(value).length > 0)
}

function isMap(value: object): value is ReadonlyMap<unknown, unknown> {
  return tagOf(value) === 'Map'
}

function isBlob(value: unknown): value is Blob {
  const tag = tagOf(value)
  if (tag !== 'Blob' && tag !== 'File') return false
  try {
    // A proxy of one has its name and none of its bytes.
    return (value as Blob).slice(0, 0).size === 0
  } catch {
    return false
  }
}

function isBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return tagOf(value) === 'Uint8Array'
}

/** Intentionally not `instanceof`: a value may come from another frame. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

function invalid(rule: string, value: unknown): TypeError {
  return new TypeError(`Cannot load a model as ${rule}: current value is ${show(value)}`)
}
