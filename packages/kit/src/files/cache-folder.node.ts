import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

/** What the folder depends on. */
export interface CachePlace {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly home: string
}

/**
 * Finds the folder of what is kept between runs: `NESTLING_CACHE`, else one of the platform's caches.
 *
 * @returns Its absolute path; it may not be there yet.
 */
export function cacheFolder({ env, platform, home }: CachePlace = here()): string {
  const given = env['NESTLING_CACHE']
  if (given !== undefined && given !== '') return resolve(given)
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'nestling')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'nestling', 'Cache')
  // A relative path there is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  const xdg = env['XDG_CACHE_HOME'] ?? ''
  return join(xdg.startsWith('/') ? xdg : join(home, '.cache'), 'nestling')
}

function here(): CachePlace {
  return { env: process.env, platform: process.platform, home: homedir() }
}
