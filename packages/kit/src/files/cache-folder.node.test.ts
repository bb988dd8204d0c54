import { expect, it } from 'vitest'
import { cacheFolder } from './cache-folder.node.js'

it.each([
  ['linux', {}, '/home/u/.cache/nestling'],
  ['linux', { XDG_CACHE_HOME: '/c' }, '/c/nestling'],
  ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/u/.cache/nestling'],
  ['linux', { NESTLING_CACHE: '/n', XDG_CACHE_HOME: '/c' }, '/n'],
  ['linux', { NESTLING_CACHE: '' }, '/home/u/.cache/nestling'],
  ['darwin', { XDG_CACHE_HOME: '/c' }, '/home/u/Library/Caches/nestling'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/nestling/Cache'],
  ['win32', {}, '/home/u/AppData/Local/nestling/Cache'],
])('on %s with %o it is %s', (platform, env, folder) => {
  expect(cacheFolder({ env, platform, home: '/home/u' })).toBe(folder)
})
