import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { runCommand } from './run-command.mjs'

const TIMEOUT_MS = 60_000

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A program whose child would outlive it. */
const PARENT = `
  const child = require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' })
  console.log(child.pid)
`

describe.skipIf(process.platform === 'win32')('runCommand()', () => {
  test('gives status and output', { timeout: TIMEOUT_MS }, async () => {
    const result = await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], {
      timeoutMs: TIMEOUT_MS,
      capture: true,
    })
    expect(result.code).toBe(3)
    expect(result.isTimedOut).toBe(false)
    expect(result.output.split('\n').sort()).toEqual(['', 'err', 'out'])
  })

  test('reports a command that does not exist', { timeout: TIMEOUT_MS }, async () => {
    const result = await runCommand('nestling-no-such-command', [], { timeoutMs: TIMEOUT_MS, capture: true })
    expect(result.code).toBe(1)
    expect(result.output).toContain('ENOENT')
  })

  test.each([
    ['in time', `${PARENT}; setTimeout(() => process.exit(0), 200)`, false],
    ['too late', PARENT, true],
  ])(
    'leaves no grandchild behind after a command that ends %s',
    { timeout: TIMEOUT_MS },
    async (_name, code, isLate) => {
      const timeoutMs = isLate ? 1000 : TIMEOUT_MS
      const result = await runCommand(process.execPath, ['-e', code], { timeoutMs, capture: true })
      expect(result.isTimedOut).toBe(isLate)
      const pid = Number(result.output.trim())
      expect(pid).toBeGreaterThan(0)
      await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
    },
  )
})
