import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'

const ROOT = join(import.meta.dirname, '..')
const MODEL = join(ROOT, 'packages/testing/fixtures/models/bert-mean-normalize')

/** Runs the tool as `pnpm evaluate` does. */
function evaluate(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
    const all = [tsx, join(ROOT, 'tools/evaluate.ts'), ...args]
    execFile(process.execPath, all, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr })
    })
  })
}

test('pnpm evaluate writes JSON alone to standard output, and ends with 1 when a number is off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nestling-evaluate-'))
  try {
    const [csv, expected] = [join(folder, 'pairs.csv'), join(folder, 'expected.json')]
    writeFileSync(csv, 'one,"two, or 2",1\nred,blue,2\n"a ""word""",a word,5\n')
    // A correlation is at most 1.
    writeFileSync(expected, JSON.stringify({ 16: { spearman_cosine: 2 } }))
    const args = ['sts', csv, '--model', MODEL, '--device', 'wasm', '--json', '-', '--expect', expected]
    const off = await evaluate([...args, '--within', '0.5'])
    expect(off.stderr).toContain('OFF  dim 16 spearman_cosine: ')
    expect(off.code).toBe(1)
    const report = JSON.parse(off.stdout) as { results: Record<string, Record<string, number>> }
    expect(Object.keys(report.results)).toEqual(['16'])
    expect(Object.keys(report.results['16'] ?? {})).toHaveLength(10)
    const good = await evaluate([...args, '--within', '3'])
    expect(good.stderr).toContain('1 numbers compared, 0 off')
    expect(good.code).toBe(0)
    const wrong = await evaluate(['sts', csv, '--model', folder])
    expect(wrong.stderr).toContain('--model must be a folder with a model')
    expect(wrong.code).toBe(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
