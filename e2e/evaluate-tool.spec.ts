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

test('pnpm evaluate retrieval --hybrid measures words, vectors and both, and ends with 1 where both are not better', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nestling-evaluate-'))
  try {
    const file = join(folder, 'collection.json')
    const corpus = { a: 'a glider bends', b: 'laminar flow', c: 'a slow train', d: 'tea and cake', e: 'heavy rain' }
    // Nothing is right for the last one, so that it does not count.
    const queries = { 1: 'glider', 2: 'lamnar', 3: 'train', 4: 'nothing' }
    writeFileSync(file, JSON.stringify({ corpus, queries, relevant: { 1: ['a'], 2: ['b'], 3: ['c'], 4: [] } }))
    const args = ['retrieval', file, '--model', MODEL, '--device', 'wasm', '--dims', '16', '--hybrid', '--json', '-']
    const { code, stdout, stderr } = await evaluate(args)
    const report = JSON.parse(stdout) as { results: Record<string, Record<string, number>> }
    const metrics = report.results['16'] ?? {}
    expect(metrics['keywords_ndcg@10']).toBe(1)
    const [vectors = NaN, hybrid = NaN] = [metrics['cosine_ndcg@10'], metrics['hybrid_ndcg@10']]
    expect(hybrid).toBeGreaterThan(0)
    expect(stderr).toContain(
      `dim 16 ndcg@10: hybrid ${hybrid.toFixed(4)}, vectors ${vectors.toFixed(4)}, keywords 1.0000`,
    )
    expect(code).toBe(hybrid > vectors ? 0 : 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
