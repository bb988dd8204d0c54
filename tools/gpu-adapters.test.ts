import { expect, it } from 'vitest'
import { lavapipeProblem } from './gpu-adapters.mjs'

const MACHINE = { platform: 'linux', arch: 'x64', isRoot: true, hasApt: true }

it.each([
  ['a Mac', { platform: 'darwin', hasApt: false }, /Linux on x64 alone/],
  ['an ARM', { arch: 'arm64' }, /Linux on x64 alone/],
  ['another distribution', { hasApt: false }, /apt-get, which is not here/],
  ['a user who is not root', { isRoot: false }, /needs root/],
])('lavapipeProblem() says why %s has no lavapipe', (_, more, reason) => {
  expect(lavapipeProblem({ ...MACHINE, ...more })).toMatch(reason)
})

it('lavapipeProblem() says nothing where it can be fetched', () => {
  expect(lavapipeProblem(MACHINE)).toBeUndefined()
})
