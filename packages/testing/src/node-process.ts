import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { afterEach, expect } from 'vitest'

const children: ChildProcess[] = []

/** To be called once in a file: ends what a failed test has left. One that ends by itself has done so. */
export function endProcessesAfterEach(): void {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
}

/**
 * Runs a module in a process of its own.
 *
 * @param code - Its text.
 * @param where - The folder in which its imports are found, and the folder of the cache.
 */
export function runModule(code: string, where: { readonly cwd: string; readonly cache: string }): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: where.cwd,
    env: { ...process.env, NESTLING_CACHE: where.cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

/** What it printed; fails where it did not end by itself. */
export async function outputOf(child: ChildProcess): Promise<string> {
  const output = Promise.all([child.stdout, child.stderr].map(async (stream) => (stream === null ? '' : text(stream))))
  const [code] = (await once(child, 'exit')) as [number | null]
  const [printed = '', errors = ''] = await output
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  return printed.trim()
}
