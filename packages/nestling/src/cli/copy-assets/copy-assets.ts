import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, type Stats } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Asset } from './asset.js'
import { CopyAssetsError } from './copy-assets-error.js'
import { messageOf } from './package-assets.js'

/** What was done. */
export interface CopiedAssets {
  /** Files that were written. */
  readonly copied: readonly Asset[]
  /** Files that were there already with the very same bytes. */
  readonly unchanged: readonly Asset[]
}

/** Folders that hold files on their way, with the process that makes them. */
const STAGING = '.nestling-copy-'

/**
 * Copies files into a folder. All are written and checked beside their places first, then moved: a full disk or a damaged package
 * leaves the folder as it was, and no server ever sends half a file. Files with the same bytes are left alone.
 *
 * @param assets - The files. The last one is moved last: what names the others belongs there.
 * @param target - The folder; it is made where it is missing.
 * @returns Which files were written.
 * @throws {CopyAssetsError} `package-damaged` if a file is missing or has other bytes than listed, `target-unusable` if the folder cannot
 * be written or lies in a package.
 */
export function copyAssets(assets: readonly Asset[], target: string): CopiedAssets {
  const folder = resolve(target)
  checkTarget(assets, folder)
  const copied = assets.filter((asset) => !isThere(asset, join(folder, asset.path)))
  const unchanged = assets.filter((asset) => !copied.includes(asset))
  const staging = join(folder, `${STAGING}${process.pid}`)
  try {
    writing(folder, () => {
      mkdirSync(folder, { recursive: true })
      removeAbandoned(folder)
      mkdirSync(staging)
    })
    for (const [index, asset] of copied.entries()) {
      const bytes = readAsset(asset)
      writing(folder, () => {
        writeFileSync(join(staging, String(index)), bytes)
        mkdirSync(dirname(join(folder, asset.path)), { recursive: true })
      })
    }
    writing(folder, () => {
      for (const [index, asset] of copied.entries()) renameSync(join(staging, String(index)), join(folder, asset.path))
    })
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  return { copied, unchanged }
}

function checkTarget(assets: readonly Asset[], folder: string): void {
  const sources = assets.flatMap(({ source }) => ('file' in source ? [source.file] : []))
  if (sources.some((file) => isInside(folder, dirname(file)))) {
    throw unusable(`${folder} lies in a package`, 'Name a folder that your site serves')
  }
  if (isKind(folder, 'file')) throw unusable(`${folder} is a file`, 'Name a folder')
  const taken = assets.find(({ path }) => isKind(join(folder, path), 'folder'))
  if (taken !== undefined) throw unusable(`${join(folder, taken.path)} is a folder`, 'Move it away')
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path)
}

function isKind(path: string, kind: 'file' | 'folder'): boolean {
  const stats = statsOf(path)
  return stats !== undefined && (kind === 'folder') === stats.isDirectory()
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    // A file stands in the place of a folder on the way: writing will fail and say so.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

function isThere({ sizeBytes, sha256 }: Asset, file: string): boolean {
  const stats = statsOf(file)
  return stats?.isFile() === true && stats.size === sizeBytes && digest(readFileSync(file)) === sha256
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function readAsset({ path, sha256, source }: Asset): Uint8Array {
  const bytes = 'text' in source ? Buffer.from(source.text) : readSource(source.file)
  if (digest(bytes) === sha256) return bytes
  throw damaged(`${'text' in source ? path : source.file} has other bytes than the package lists`)
}

function readSource(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw damaged(`${file} cannot be read: ${messageOf(cause)}`, cause)
  }
}

function damaged(reason: string, cause?: unknown): CopyAssetsError {
  return new CopyAssetsError(
    'package-damaged',
    `Cannot copy assets as ${reason}\nInstall the package again; nothing was changed`,
    cause,
  )
}

function unusable(reason: string, advice: string, cause?: unknown): CopyAssetsError {
  return new CopyAssetsError('target-unusable', `Cannot copy assets as ${reason}\n${advice}`, cause)
}

function writing(folder: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw unusable(
      `${folder} cannot be written: ${messageOf(cause)}`,
      'Check its rights and the space on the disk',
      cause,
    )
  }
}

/** A copy that was killed leaves its folder behind. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(STAGING) && !isRunning(Number(name.slice(STAGING.length)))) {
      rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process must not be signalled, but runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
