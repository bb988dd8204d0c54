import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { PageShape } from './page-text.mjs'

/** A manual that Debian packs as HTML. */
export interface Manual {
  readonly debianPackage: string
  /** Where its pages are in the package. */
  readonly root: string
  /** Folders that count; all pages where none is named. */
  readonly folders: readonly string[]
  readonly shape: PageShape
}

/** The manuals by the name that the file with queries has for them. */
export const MANUALS: Readonly<Record<string, Manual>> = {
  postgres: {
    debianPackage: 'postgresql-doc-15',
    root: 'usr/share/doc/postgresql-doc-15/html',
    folders: [],
    shape: { content: 'body', leftOut: '.navheader, .navfooter', siteName: '' },
  },
  python: {
    debianPackage: 'python3.11-doc',
    root: 'usr/share/doc/python3.11/html',
    folders: ['library', 'tutorial', 'reference', 'howto', 'faq', 'using'],
    shape: { content: '.body', leftOut: '.headerlink', siteName: '— Python 3.11.2 documentation' },
  },
}

const APT_TIMEOUT_MS = 300_000

/**
 * Fetches a manual, unless it lies in the cache.
 *
 * @param manual - What to fetch.
 * @param cache - Folder of what was fetched before.
 * @returns Where its pages are.
 * @throws {Error} If apt or the package is missing here.
 */
export function fetchManual({ debianPackage, root }: Manual, cache: string): string {
  const folder = join(cache, debianPackage)
  if (existsSync(folder)) return join(folder, root)
  // Whole or not at all: a run that ends before its time leaves no half of a manual.
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  runCommand('apt-get', ['download', debianPackage], part)
  const [archive] = readdirSync(part)
  if (archive === undefined) throw new Error(`apt-get download ${debianPackage} left no file`)
  runCommand('dpkg-deb', ['-x', archive, 'files'], part)
  renameSync(join(part, 'files'), folder)
  rmSync(part, { recursive: true })
  return join(folder, root)
}

function runCommand(command: string, args: readonly string[], cwd: string): void {
  try {
    execFileSync(command, args, { cwd, timeout: APT_TIMEOUT_MS, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer }
    const reason = code === 'ENOENT' ? 'there is no such command' : (stderr?.toString() ?? '').trim()
    throw new Error(`${command} ${args.join(' ')}: ${reason}`, { cause: error })
  }
}

/**
 * Lists the pages of a manual.
 *
 * @param root - Where its pages are.
 * @returns Their paths below it, in order.
 */
export function listPages(root: string, { folders }: Manual): string[] {
  const places = folders.length === 0 ? [root] : folders.map((folder) => join(root, folder))
  const files = places.flatMap((place) => readdirSync(place, { recursive: true, withFileTypes: true }))
  return files
    .filter((file) => file.isFile() && file.name.endsWith('.html'))
    .map((file) => relative(root, join(file.parentPath, file.name)).split(sep).join('/'))
    .sort()
}
