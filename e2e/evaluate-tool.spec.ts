import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'playwright/test'

const ROOT = join(import.meta.dirname, '..')
const MODEL = join(ROOT, 'packages/testing/fixtures/models/bert-mean-normalize')

/** Runs the tool as `pnpm evaluate` does. */
function evaluate(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
    const all = [tsx, join(ROOT, 'tools/evaluate.ts'), ...args]
    execFile(process.execPath, all, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
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
    const report = JSON.parse(off.stdout) as { browser: string; results: Record<string, Record<string, number>> }
    expect(report.browser).toBe(`Node ${process.versions.node}`)
    expect(Object.keys(report.results)).toEqual(['16'])
    expect(Object.keys(report.results['16'] ?? {})).toHaveLength(10)
    // In a browser there are the same numbers, which float32 of another build may round to another side.
    const there = await evaluate([...args, '--within', '3', '--browser'])
    const page = JSON.parse(there.stdout) as typeof report & { readonly browser: string }
    expect(page.browser).toMatch(/^\d/)
    expect(Object.keys(page)).toEqual(Object.keys(report))
    for (const [name, value] of Object.entries(report.results['16'] ?? {})) {
      expect(page.results['16']?.[name], name).toBeCloseTo(value, 5)
    }
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
    const ranks = metrics['ranks_ndcg@10'] ?? NaN
    expect(hybrid).toBeGreaterThan(0)
    expect(stderr).toContain(
      `dim 16 ndcg@10: hybrid ${hybrid.toFixed(4)}, by ranks ${ranks.toFixed(4)}, vectors ${vectors.toFixed(4)}, keywords 1.0000`,
    )
    expect(code).toBe(hybrid > vectors ? 0 : 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('pnpm evaluate search asks what stands on the pages of a manual, and ends with 2 where a site has no queries', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nestling-evaluate-'))
  try {
    const html = join(folder, 'manuals/python3.11-doc/usr/share/doc/python3.11/html')
    for (const part of ['library', 'tutorial', 'reference', 'howto', 'faq', 'using']) {
      mkdirSync(join(html, part), { recursive: true })
    }
    const write = (name: string, title: string, body: string): void => {
      const head = `<title>${title} &#8212; Python 3.11.2 documentation</title><body><nav>harbour</nav>`
      writeFileSync(join(html, 'library', name), `${head}<div class="body">${body}</div><footer>harbour</footer>`)
    }
    // The first word and the second are one where blocks run into each other.
    write('a.html', 'Gliders', '<script>harbour</script><dt>wings<a class="headerlink">harbour</a></dt><dd>bend</dd>')
    write('b.html', 'Trains', '<table><tr><td>slow</td><td>comfort</td></tr></table>')
    write('c.html', 'Code', '<p>&lt;b&gt; is <em>bo</em>ld:</p><pre><span>lo</span>_level(\n  1)</pre>')
    const [queries, json] = [join(folder, 'queries.json'), join(folder, 'table.json')]
    const ask = (id: string, query: string, page: string): object => {
      return { id, kind: 'words', query, relevant: { [`library/${page}.html`]: 1 } }
    }
    const asked = [
      ask('block', 'wings', 'a'),
      ask('cell', 'comfort', 'b'),
      ask('inline', 'bold', 'c'),
      ask('code', 'level', 'c'),
    ]
    // Of these pages one is not there, and the word stands around the text of the other.
    const around = { ...ask('around', 'harbour', 'a'), relevant: { 'library/a.html': 1, 'library/z.html': 1 } }
    writeFileSync(queries, JSON.stringify({ sites: { python: [...asked, around] } }))
    const args = [
      'search',
      '--queries',
      queries,
      '--cache',
      folder,
      '--model',
      MODEL,
      '--json',
      json,
      '--precisions',
      'int8',
    ]
    const { code, stdout } = await evaluate(args)
    expect(stdout).toContain('python: 3 pages, 3 passages\n')
    expect(stdout).toContain('python: judged pages that the manual does not have: library/z.html\n')
    expect(stdout).toContain('not run: postgres: queries.json has no queries for it')
    expect(code).toBe(2)
    const { sites } = JSON.parse(readFileSync(json, 'utf8')) as { sites: { python: { rows: { way: string }[] } } }
    expect(sites.python.rows[0]).toMatchObject({
      way: 'words',
      queries: { block: 1, cell: 1, inline: 1, code: 1, around: 0 },
    })
    expect((await evaluate([...args, '--sites', 'python', '--check'])).code).toBe(1)
    expect((await evaluate([...args, '--sites', 'python'])).code).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
