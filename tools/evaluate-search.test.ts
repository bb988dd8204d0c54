import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MODEL_PACKAGE } from './evaluate/options.js'
import { gradedNdcg } from './evaluate/sites/graded-ndcg.js'
import { fetchManual, listPages, MANUALS, type Manual } from './evaluate/sites/manuals.js'
import { readSearchCommand } from './evaluate/sites/options.js'
import { readQueries, type JudgedQuery } from './evaluate/sites/read-queries.js'
import { checkTargets, DEFAULT_WAY, siteText, toRow, type SiteReport, type SiteRow } from './evaluate/sites/report.js'

describe('gradedNdcg()', () => {
  // Gains are 3 and 1; the second place counts 1 / log2(3), the third 1 / 2.
  const relevant = { a: 2, b: 1 }
  const ideal = 3 + 1 / Math.log2(3)

  it('has gains of 2 to the grade, discounted by the place', () => {
    expect(gradedNdcg(['a', 'b'], relevant)).toBe(1)
    expect(gradedNdcg(['b', 'x', 'a'], relevant)).toBeCloseTo((1 + 3 / 2) / ideal, 12)
    expect(gradedNdcg([], relevant)).toBe(0)
  })

  it('looks at ten places, of what is found and of what could be', () => {
    const others = Array.from({ length: 10 }, (_, place) => `x${place}`)
    expect(gradedNdcg([...others, 'a'], relevant)).toBe(0)
    const many = Object.fromEntries(others.concat('a', 'b').map((id) => [id, 1]))
    expect(gradedNdcg(others, many)).toBe(1)
  })
})

describe('readQueries()', () => {
  const good = { id: 'q', kind: 'words', query: 'x', relevant: { 'a.html': 2 } }

  it('reads queries by site', () => {
    expect(readQueries(JSON.stringify({ about: 'x', sites: { python: [good] } }))).toEqual({ python: [good] })
  })

  it.each([
    ['no sites', {}, /must have an object sites: current value is undefined/],
    ['null', null, /object sites/],
    ['no queries', { sites: { python: [] } }, /queries of python as they must be a list: current value is \[\]/],
    ['another kind', { sites: { python: [{ ...good, kind: 'other' }] } }, /kind \(identifier, words, meaning\)/],
    ['nothing that is right', { sites: { python: [{ ...good, relevant: {} }] } }, /grades above 0/],
    ['a grade of 0', { sites: { python: [{ ...good, relevant: { 'a.html': 0 } }] } }, /grades above 0/],
    ['a query that is null', { sites: { python: [null] } }, /a query of python/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readQueries(JSON.stringify(file))).toThrow(message)
  })
})

describe('manuals', () => {
  const manual: Manual = { ...(MANUALS['python'] as Manual), root: 'html', folders: ['library', 'faq'] }
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nestling-manuals-'))
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })

  it('lists the pages of the folders that count', () => {
    for (const place of ['library/os', 'faq', 'c-api']) mkdirSync(join(folder, place), { recursive: true })
    for (const file of [
      'library/os/path.html',
      'library/a.html',
      'library/a.css',
      'faq/b.html',
      'c-api/c.html',
      'd.html',
    ]) {
      writeFileSync(join(folder, file), '')
    }
    expect(listPages(folder, manual)).toEqual(['faq/b.html', 'library/a.html', 'library/os/path.html'])
    expect(listPages(folder, { ...manual, folders: [] })).toHaveLength(5)
  })

  it('says why a manual cannot be fetched, and leaves nothing that looks like one', () => {
    vi.stubEnv('PATH', folder)
    const fetch = (): string => fetchManual(manual, folder)
    expect(fetch).toThrow('apt-get download python3.11-doc: there is no such command')
    // What the first try left does not disturb the second.
    expect(fetch).toThrow('there is no such command')
    expect(readdirSync(folder)).not.toContain('python3.11-doc')
  })

  it('fetches nothing that lies in the cache', () => {
    vi.stubEnv('PATH', folder)
    mkdirSync(join(folder, 'python3.11-doc'))
    expect(fetchManual(manual, folder)).toBe(join(folder, 'python3.11-doc/html'))
  })
})

describe('reports', () => {
  const queries: JudgedQuery[] = [
    { id: 'q1', kind: 'words', query: 'x', relevant: { a: 1 } },
    { id: 'q2', kind: 'words', query: 'y', relevant: { b: 1 } },
    { id: 'q3', kind: 'identifier', query: 'z', relevant: { c: 1 } },
  ]

  it('takes means by kind', () => {
    const row = toRow({ way: 'vectors', precision: 'int8' }, queries, [['a'], [], ['x', 'c']])
    expect(row.ndcg).toEqual({ words: 0.5, identifier: 1 / Math.log2(3), meaning: NaN })
    expect(row.queries).toEqual({ q1: 1, q2: 0, q3: 1 / Math.log2(3) })
    const words = toRow({ way: 'words', precision: undefined }, queries, [['a'], ['b'], ['c']])
    expect(siteText('python', { pages: 3, passages: 4, rows: [words, row] }).split('\n')).toEqual([
      'python: 3 pages, 4 passages',
      'NDCG@10        identifier  words  meaning',
      'words              1.0000  1.0000      NaN',
      'vectors, int8      0.6309  0.5000      NaN',
    ])
  })

  const reportOf = (ndcg: Readonly<Record<string, SiteRow['ndcg']>>): SiteReport => {
    const rows = Object.entries(ndcg).map(([precision, of]) => ({ way: DEFAULT_WAY, precision, ndcg: of, queries: {} }))
    return { pages: 1, passages: 1, rows }
  }
  const reached = { identifier: 0.98, words: 0.92, meaning: 0.44 }

  it('lets what is reached pass', () => {
    const two = { identifier: 0.966, words: 0.906, meaning: 0.426 }
    expect(checkTargets({ python: reportOf({ int8: reached, int2: two }) })).toEqual([])
    expect(checkTargets({})).toEqual([])
  })

  it('names what is too low, lost or was not measured', () => {
    const low = { identifier: 0.979, words: 0.92, meaning: 0.44 }
    const lost = { identifier: 0.979, words: 0.9, meaning: 0.44 }
    expect(checkTargets({ python: reportOf({ int8: low, int2: lost }) })).toEqual([
      'python identifier in int8: 0.9790, must be at least 0.98',
      'python words in int2: 0.9000, must be at most 0.015 below int8 (0.9200)',
    ])
    expect(checkTargets({ python: reportOf({ int8: reached }) })).toHaveLength(3)
    expect(checkTargets({ postgres: reportOf({}) })).toHaveLength(6)
  })
})

describe('readSearchCommand()', () => {
  it('fills in defaults', () => {
    const command = readSearchCommand([])
    expect(command).toMatchObject({ sites: ['postgres', 'python'], model: MODEL_PACKAGE, maxTokens: undefined })
    expect(command).toMatchObject({ json: undefined, check: false })
    expect(readSearchCommand(['--help'])).toBe('help')
  })

  it('reads options', () => {
    const args = ['--queries', 'q.json', '--sites', 'python', '--precisions', 'int8', '--max-tokens', '192', '--check']
    expect(readSearchCommand([...args, '--cache', 'c', '--json', 'j'])).toEqual({
      queries: resolve('q.json'),
      sites: ['python'],
      precisions: ['int8'],
      model: MODEL_PACKAGE,
      maxTokens: 192,
      json: 'j',
      cache: resolve('c'),
      check: true,
    })
  })

  it('refuses what it does not know', () => {
    expect(() => readSearchCommand(['--sites', 'perl'])).toThrow(/--sites must be a list of postgres, python: .* perl/)
    expect(() => readSearchCommand(['--precisions', ''])).toThrow(/--precisions must be a list of/)
    expect(() => readSearchCommand(['--max-tokens', '0'])).toThrow(/--max-tokens must be a positive integer/)
    expect(() => readSearchCommand(['sts'])).toThrow()
  })
})
