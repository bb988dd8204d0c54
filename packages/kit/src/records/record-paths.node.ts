import { posix } from 'node:path'
import type { RecordKey } from './key-order.js'

/** How names of records end; that of folders never does, as no name has a dot. */
const RECORD = '.bin'

/** Characters of a name: file systems take 255. */
const NAME_LENGTH = 150

/** At the end of a folder's name: the part of the key goes on inside. */
const MORE = '+'

/** Gives the path of a record below the folder of its store, with `/`. */
export function recordPath(key: RecordKey): string {
  return folderPath(key) + RECORD
}

/** Gives the path of the folder of all records whose keys go on behind a prefix. */
export function folderPath(prefix: RecordKey): string {
  return posix.join(...prefix.flatMap(namesOf))
}

/**
 * Reads the path of a record.
 *
 * @returns Its key; `undefined` where the file is none.
 */
export function keyOfPath(path: string): RecordKey | undefined {
  if (!path.endsWith(RECORD)) return undefined
  const key: RecordKey = []
  let before = ''
  for (const name of path.slice(0, -RECORD.length).split('/')) {
    const whole = before + name
    if (name.endsWith(MORE)) {
      before = whole.slice(0, -MORE.length)
      continue
    }
    before = ''
    const text = decode(whole.slice(1))
    key.push(whole.startsWith('n') ? Number(text) : text)
  }
  return key
}

/** Names for one part of a key: a letter for its type, and lower-case letters alone, as not every file system tells cases apart. */
function namesOf(part: string | number): string[] {
  const name = `${typeof part === 'number' ? 'n' : 's'}${encode(String(part))}`
  const pieces = name.match(new RegExp(`.{1,${NAME_LENGTH}}`, 'g')) ?? []
  return pieces.map((piece, index) => (index < pieces.length - 1 ? piece + MORE : piece))
}

function encode(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte)
    return /[a-z\d_-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`
  }).join('')
}

function decode(name: string): string {
  return decodeURIComponent(name.replaceAll('=', '%'))
}
