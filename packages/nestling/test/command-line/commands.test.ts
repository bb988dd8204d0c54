import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { readGolden } from '@nestling/testing/disk'
import { decodeFloats } from '@nestling/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BIN, ENVIRONMENT, MODEL, PACKAGE, run, runWell } from './command-line.js'

vi.setConfig({ testTimeout: 120_000 })

let folder: string
let input: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestling-commands-'))
  input = join(folder, 'in.txt')
  writeFileSync(input, 'a boat\na ship\n')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** What a command says that must end with a code; it is at most three lines, and no stack. */
async function failure(code: number, args: readonly string[], cwd = folder): Promise<string> {
  const result = await run(args, { cwd })
  expect(result).toMatchObject({ code, out: '' })
  expect(result.errors.trimEnd().split('\n').length).toBeLessThan(4)
  expect(result.errors).not.toMatch(/\n +at /)
  return result.errors
}

describe('nestling', () => {
  it('lists its commands', async () => {
    const text = await runWell(['--help'])
    for (const name of ['embed', 'similarity', 'search', 'evaluate', 'plan', 'copy-assets']) {
      expect(text).toMatch(new RegExp(`^  ${name} +\\w`, 'm'))
      expect(await runWell([name, '--help'])).toContain(`Usage: npx nestling ${name} `)
    }
    const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string }
    expect(await runWell(['--version'])).toBe(`${version}\n`)
  })

  it.each([
    [['embd'], /no command embd\nDid you mean embed\?/],
    [['embed'], /INPUT must be named/],
    [['embed', 'in.txt'], /-o OUT must be named/],
    [['embed', 'in.txt', '-o', 'a.npy', '--to', 'b.npy'], /one of -o and --to/],
    [['embed', 'in.txt', '-o', 'out.txt'], /its ending says no format/],
    [['embed', 'in.txt', '-o', '-', '--json'], /--json would be in the midst of the rows/],
    [['embed', 'in.txt', '-o', 'o.npy', '--column', 'x'], /plain lines have no columns/],
    [['embed', 'in.txt', '-o', 'o.npy', '--precision', 'int8'], /--precision int8 must have --calibration FILE/],
    [['embed', 'in.txt', '-o', 'o.npy', '--calibration', 'x.npy'], /--calibration is for --precision int8/],
    [['embed', 'in.txt', '-o', 'o.npy', '--precision', 'int9'], /must be one of float32, .*\nDid you mean int8\?/],
    [['embed', 'in.txt', '-o', 'o.npy', '--dims', 'many'], /--dims must be a positive integer/],
    [['embed', 'in.txt', '-o', 'o.npy', '--workes', '2'], /no option --workes\nDid you mean --workers\?/],
    [['embed', 'in.txt', '--to', 'postgres://localhost/x?table='], /name of a table must have 1 to 63 bytes/],
    [['similarity', 'a'], /B must be named/],
    [['similarity', 'a', 'b', '--model', 'words'], /must be a package, a folder, a hub id/],
    [['plan'], /MODEL must be named/],
    [['evaluate', 'stss', 'x'], /KIND must be sts or retrieval: current value is stss\nDid you mean sts\?/],
    [['search', 'index'], /QUERY must be named/],
    [['copy-assets'], /DIR must be named/],
    [['copy-assets', 'a', '--force'], /no option --force/],
  ])('refuses %j with code 2', async (args, message) => {
    expect(await failure(2, args)).toMatch(message)
    expect(readdirSync(folder)).toEqual(['in.txt'])
  })

  it('says what to do without a command, with code 2', async () => {
    expect(await run([])).toMatchObject({ code: 2, out: '', errors: expect.stringMatching(/^Commands:$/m) as string })
  })
})

describe('what is not there', () => {
  it.each([
    [
      ['embed', 'none.txt', '-o', 'o.npy', '-m', MODEL],
      /^Cannot read .*none\.txt as it does not exist\nLook at the path/,
    ],
    [['embed', '.', '-o', 'o.npy', '-m', MODEL], /^Cannot read .* as it is a folder\nName a file/],
    [['embed', 'in.txt', '-o', 'o.npy', '-m', './none'], /^Cannot load a model as there is no folder .*none/],
    [['embed', 'in.txt', '-o', 'o.npy', '-m', 'in.txt'], /^Cannot load a model as .*in\.txt is a file/],
    [['embed', 'in.txt', '-o', 'o.npy', '-m', '@demo/none'], /^Cannot load a model as @demo\/none is not installed/],
    [
      ['embed', 'in.txt', '-o', 'o.npy'],
      /^Cannot load the default model as .*\nRun npm install @nestling\/minilm-l6, or name/,
    ],
    [
      ['embed', 'in.txt', '-o', 'o.npy', '-m', 'empty'],
      /^model-not-found: Cannot load config\.json from .*empty\/config\.json as there is no such file\n$/,
    ],
    [
      ['embed', 'in.txt', '-o', 'in.txt/o.npy', '-m', MODEL],
      /^Cannot write .* as a file stands in the place of a folder/,
    ],
    [['evaluate', 'sts', 'none.csv', '-m', MODEL], /^Cannot read .*none\.csv as it does not exist/],
    [
      ['evaluate', 'sts', 'pairs.csv', '-m', MODEL],
      /@nestling\/evaluate is not installed for .*\nRun npm install @nestling\/evaluate/,
    ],
    [
      ['search', 'in.txt', 'x', '-m', MODEL],
      /@nestling\/search is not installed for .*\nRun npm install @nestling\/search/,
    ],
    [['plan', './none'], /^Cannot load a model as there is no folder/],
    [['copy-assets', 'in.txt'], /^target-unusable: .*in\.txt is a file/],
  ])('ends %j with code 1 and a line', async (args, message) => {
    mkdirSync(join(folder, 'empty'))
    writeFileSync(join(folder, 'pairs.csv'), 'a,b,1\n')
    expect(await failure(1, args)).toMatch(message)
    expect(readdirSync(folder).sort()).toEqual(['empty', 'in.txt', 'pairs.csv'])
  })

  it('leaves a file alone that is there', async () => {
    writeFileSync(join(folder, 'o.npy'), 'mine')
    const args = ['embed', 'in.txt', '-o', 'o.npy', '-m', MODEL]
    expect(await failure(1, args)).toMatch(/o\.npy as it is there already\nAdd --overwrite/)
    expect(readFileSync(join(folder, 'o.npy'), 'utf8')).toBe('mine')
    await runWell([...args, '--overwrite'], { cwd: folder })
    expect(readFileSync(join(folder, 'o.npy'), 'latin1')).toContain('NUMPY')
  })

  it('keeps nothing of an input that is damaged in its first rows', async () => {
    writeFileSync(join(folder, 'in.jsonl'), '{"text":"a"}\n{"text":1}\n')
    const errors = await failure(1, ['embed', 'in.jsonl', '-o', 'o.npy', '-m', MODEL])
    expect(errors).toMatch(
      /^Cannot read .*in\.jsonl as text must be a text: current type is number: current line is 2\n/,
    )
    expect(readdirSync(folder).sort()).toEqual(['in.jsonl', 'in.txt'])
  })
})

describe('a place that cannot be written', () => {
  it('is named where this user has no permission', async (ctx) => {
    const closed = join(folder, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o555)
    // Root may write everywhere: the command runs as nobody then.
    const isRoot = process.getuid?.() === 0
    if (process.platform === 'win32') ctx.skip('Windows has no such permissions')
    chmodSync(folder, 0o755)
    const args = [BIN, 'embed', input, '-o', join(closed, 'o.npy'), '-m', MODEL]
    const { status, stderr, error } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    })
    // As where npx put Node into the home of root.
    if (error !== undefined) ctx.skip(`nobody may not run ${process.execPath}`)
    if (stderr.includes('MODULE_NOT_FOUND')) ctx.skip('nobody may not read this folder')
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Cannot write .* as this user has no permission\n/) as string,
    })
    expect(readdirSync(closed)).toEqual([])
  })

  it('is named where the disk is full, keeps whole rows, and goes on when there is room', async (ctx) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' })
    } catch {
      ctx.skip('not run: no file system of a fixed size can be mounted here')
    }
    try {
      // 3000 rows of 128 bytes are more than the disk takes, 512 are not.
      writeFileSync(input, Array.from({ length: 3000 }, (_, row) => `boat ${row}\n`).join(''))
      const args = ['embed', input, '-o', join(disk, 'o.npy'), '-m', MODEL, '-q']
      expect(await failure(1, args)).toMatch(
        /^Cannot write .* as the disk is full\n[1-9]\d+ rows are kept: make room and run the same command again\n$/,
      )
      expect(readdirSync(disk).sort()).toEqual(['o.npy.part', 'o.npy.part.json'])
      execFileSync('mount', ['-o', 'remount,size=4m', disk])
      await runWell(args)
      await runWell(['embed', input, '-o', join(folder, 'one.npy'), '-m', MODEL, '-q'])
      expect(readFileSync(join(disk, 'o.npy')).equals(readFileSync(join(folder, 'one.npy')))).toBe(true)
    } finally {
      execFileSync('umount', [disk])
    }
  })

  it('is the standard output too', (ctx) => {
    if (!existsSync('/dev/full')) ctx.skip('not run: there is no /dev/full here')
    const full = openSync('/dev/full', 'w')
    try {
      const { status, stderr } = spawnSync(process.execPath, [BIN, 'plan', MODEL], {
        ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] },
      })
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'Cannot write the standard output as the disk is full\n',
      })
    } finally {
      closeSync(full)
    }
  })

  it('is a pipe whose reader has gone, without a word', () => {
    const lines = Array.from({ length: 3000 }, (_, row) => `boat ${row}`).join('\n')
    writeFileSync(input, lines)
    const command = `"${process.execPath}" "${BIN}" embed "${input}" -q -o - -m "${MODEL}" | head -n 1 | cut -c 1-16`
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: '{"text":"boat 0"\n', stderr: '' })
  })
})

describe('similarity', () => {
  it("gives Python's number", async () => {
    const golden = readGolden('bert-mean-normalize')
    const [expected = NaN] = decodeFloats(golden.similarityPairwise)
    const [a = '', b = ''] = [golden.texts[0], golden.texts[12]]
    const { score, similarity, dim } = JSON.parse(await runWell(['similarity', a, b, '-m', MODEL, '--json'])) as {
      readonly score: number
      readonly similarity: string
      readonly dim: number
    }
    expect(Math.abs(score - expected)).toBeLessThan(1e-5)
    expect({ similarity, dim }).toEqual({ similarity: 'cosine', dim: golden.dimension })
    expect(await runWell(['similarity', a, b, '-m', MODEL])).toBe(`${score.toFixed(4)}\n`)
  })
})

describe('plan', () => {
  it('tells what a load would do', async () => {
    const plan = JSON.parse(await runWell(['plan', MODEL, '--json'])) as object
    expect(plan).toMatchObject({ device: 'wasm', engine: 'kernels', isCached: false })
    const text = await runWell(['plan', MODEL])
    expect(text).toMatch(/^runs on {4}wasm, engine kernels, (relaxed-)?simd\nbecause {4}.+\ndownload {3}.+\n$/)
  })
})

/** A project that has a package of this repository installed; the test is not run where that is not built. */
function installed(name: 'search' | 'evaluate', skip: (why: string) => void): string {
  const source = join(PACKAGE, '..', name)
  if (!existsSync(join(source, 'dist/index.js'))) skip(`not run: packages/${name} is not built`)
  mkdirSync(join(folder, 'node_modules/@nestling'), { recursive: true })
  symlinkSync(source, join(folder, `node_modules/@nestling/${name}`))
  return folder
}

describe('evaluate', () => {
  it('prints the metrics of sentence pairs, with or without a header', async (ctx) => {
    const cwd = installed('evaluate', ctx.skip)
    const pairs = 'a boat,a boat,5\na boat,"a ship, large",4\nred bridge,spring,1\nbird,winter night,0\n'
    writeFileSync(join(cwd, 'pairs.csv'), pairs)
    writeFileSync(join(cwd, 'headed.csv'), `sentence1,sentence2,score\n${pairs}`)
    const printed = await runWell(['evaluate', 'sts', 'pairs.csv', '-m', MODEL, '--json'], { cwd })
    const { primaryMetric, metrics } = JSON.parse(printed) as { primaryMetric: string; metrics: Record<string, number> }
    expect(primaryMetric).toBe('spearman_cosine')
    const scores = await Promise.all(
      pairs
        .trimEnd()
        .split('\n')
        .map(async (line) => {
          const [, a = '', b = ''] = /^(.*?),"?(.*?)"?,\d$/.exec(line) ?? []
          return (JSON.parse(await runWell(['similarity', a, b, '-m', MODEL, '--json'])) as { score: number }).score
        }),
    )
    expect(metrics['pearson_cosine']).toBeCloseTo(pearsonOf(scores, [5, 4, 1, 0]), 4)
    const text = await runWell(['evaluate', 'sts', 'headed.csv', '-m', MODEL], { cwd })
    expect(text).toContain(`spearman_cosine  ${(metrics['spearman_cosine'] ?? NaN).toFixed(4)}  (primary)\n`)
  })

  it('prints the metrics of a test collection', async (ctx) => {
    const cwd = installed('evaluate', ctx.skip)
    const data = {
      queries: { q: 'a boat on the river' },
      corpus: { d1: 'a boat on the river', d2: { title: 'Winter', text: 'a night' } },
      relevant: { q: ['d1'] },
    }
    writeFileSync(join(cwd, 'data.json'), JSON.stringify(data))
    const printed = await runWell(['evaluate', 'retrieval', 'data.json', '-m', MODEL, '--json'], { cwd })
    const { metrics } = JSON.parse(printed) as { metrics: Record<string, number> }
    // The document that is the query is nearest.
    expect(metrics['cosine_accuracy@1']).toBe(1)
    expect(metrics['cosine_ndcg@10']).toBe(1)
  })

  it.each([
    ['sts', 'a,b\n', /every record must be sentence1,sentence2,score: record 1 has 2 fields/],
    ['sts', 'a,b,1\nc,d,high\n', /every score must be a number: that of record 2 is high/],
    ['sts', '', /must hold pairs of sentences: it is empty/],
    ['retrieval', '[]', /it must be JSON: an object with queries, corpus and relevant/],
    ['retrieval', '{"queries":{"q":1},"corpus":{},"relevant":{}}', /queries\.q must be a text/],
    ['retrieval', '{"queries":{"q":"x"},"corpus":{"d":"y"},"relevant":{"q":"d"}}', /relevant\.q must be a list of ids/],
  ])('refuses %s data %j', async (kind, content, message) => {
    writeFileSync(join(folder, 'data'), content)
    expect(await failure(1, ['evaluate', kind, 'data', '-m', MODEL])).toMatch(message)
  })
})

describe('search', () => {
  it('finds documents in the file of an index', async (ctx) => {
    const cwd = installed('search', ctx.skip)
    const make = `import { load } from ${JSON.stringify(join(PACKAGE, 'dist/node.js'))}
import { createIndex } from '@nestling/search'
import { writeFileSync } from 'node:fs'
const embedder = await load(${JSON.stringify(MODEL)})
const index = await createIndex({ embedder })
await index.add([{ id: 'boat', text: 'a boat on the river' }, { id: 'night', text: 'a winter night', metadata: { n: 1 } }])
writeFileSync('my.index', new Uint8Array(await (await index.export()).arrayBuffer()))
await index.dispose()
await embedder.dispose()`
    writeFileSync(join(cwd, 'make.mjs'), make)
    const made = spawnSync(process.execPath, ['make.mjs'], { cwd, env: ENVIRONMENT, encoding: 'utf8' })
    if (made.status !== 0 && !hasNodeEntry()) ctx.skip('not run: this build of @nestling/search does not run on Node')
    expect(made.stderr).toBe('')
    const printed = await runWell(['search', 'my.index', 'a winter night', '-m', MODEL, '--json'], { cwd })
    const hits = JSON.parse(printed) as { id: string; score: number; metadata?: object }[]
    expect(hits.map(({ id }) => id)).toEqual(['night', 'boat'])
    expect(hits[0]?.score).toBeCloseTo(1, 4)
    expect(hits[0]?.metadata).toEqual({ n: 1 })
    const text = await runWell(['search', 'my.index', 'a winter night', '-m', MODEL, '--top-k', '1'], { cwd })
    expect(text).toBe('1.0000  night  a winter night\n')
    writeFileSync(join(cwd, 'bad.index'), 'no index')
    const errors = (await run(['search', 'bad.index', 'x', '-m', MODEL], { cwd })).errors
    expect(errors).toMatch(/^(index-corrupt: )?Cannot /)
  })
})

/** Whether the built package has a bundle of its own for Node. */
function hasNodeEntry(): boolean {
  return existsSync(join(PACKAGE, '../search/dist/node.js'))
}

function pearsonOf(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  const sum = (of: (index: number) => number): number => a.reduce((total, _, index) => total + of(index), 0)
  const da = (index: number): number => (a[index] ?? NaN) - ma
  const db = (index: number): number => (b[index] ?? NaN) - mb
  return sum((i) => da(i) * db(i)) / Math.sqrt(sum((i) => da(i) ** 2) * sum((i) => db(i) ** 2))
}
