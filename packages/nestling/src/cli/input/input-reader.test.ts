import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InputReader } from './input-reader.js'
import { formatOf, type InputFormat } from './record.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestling-input-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Wanted {
  readonly column?: string
  readonly idColumn?: string
}

function readerOf(
  content: string | Uint8Array,
  format: InputFormat,
  { column = 'text', idColumn }: Wanted = {},
): InputReader {
  const path = join(folder, 'input')
  writeFileSync(path, content)
  return new InputReader({ path, format, column, idColumn })
}

async function textsOf(content: string | Uint8Array, format: InputFormat, wanted: Wanted = {}): Promise<string[]> {
  const { records } = await readerOf(content, format, wanted).readPart(100_000)
  return records.map(({ text }) => text)
}

describe('plain lines', () => {
  it.each([
    ['a\nb\n', ['a', 'b']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    // Row i is line i, also where that is empty.
    ['a\n\nb\n\n', ['a', '', 'b', '']],
    ['\uFEFFa\n\uFEFFb', ['a', '\uFEFFb']],
    ['', []],
    ['\n', ['']],
    ['a,"b\nc', ['a,"b', 'c']],
  ])('reads %j', async (content, texts) => {
    expect(await textsOf(content, 'lines')).toEqual(texts)
  })

  it('puts together what comes in several blocks', async () => {
    // Streams read 64 KiB at once; letters of two and four bytes lie across their borders.
    const lines = Array.from({ length: 3000 }, (_, index) => `${index} ${'ä𝓐'.repeat(index % 50)}`)
    lines[1500] = 'x'.repeat(300_000)
    expect(await textsOf(lines.join('\n'), 'lines')).toEqual(lines)
  })

  it('refuses what is not UTF-8, and says where', async () => {
    const bytes = Buffer.concat([Buffer.from('good\n'), Buffer.from([0x66, 0xfc, 0x72, 0x0a])])
    await expect(textsOf(bytes, 'lines')).rejects.toThrow(/must be UTF-8: current line is 2\nSave it as UTF-8/)
    await expect(textsOf(Buffer.from('\uFEFFa\n', 'utf16le'), 'lines')).rejects.toThrow(/UTF-8: current line is 1/)
  })

  it('refuses a line that no text has', async () => {
    await expect(textsOf(new Uint8Array(17 * 2 ** 20), 'lines')).rejects.toThrow(/a line must be at most 16 MiB long/)
  })

  it('says why a file cannot be read', async () => {
    const reader = new InputReader({ path: join(folder, 'none'), format: 'lines', column: 'text', idColumn: undefined })
    await expect(reader.readPart(1)).rejects.toThrow(/Cannot read .*none as it does not exist/)
    const ofFolder = new InputReader({ path: folder, format: 'lines', column: 'text', idColumn: undefined })
    await expect(ofFolder.readPart(1)).rejects.toThrow(/as it is a folder/)
  })
})

describe('CSV', () => {
  it('reads a column by its name, with quotes over several lines', async () => {
    const csv = 'id,text,more\r\n1,"a ""b"", c\nd",x\n\n2,plain,\n3,"",y'
    const { records } = await readerOf(csv, 'csv', { idColumn: 'id' }).readPart(10)
    expect(records.map(({ text, id, fields }) => ({ text, id, fields }))).toEqual([
      { text: 'a "b", c\nd', id: '1', fields: { id: '1', more: 'x' } },
      { text: 'plain', id: '2', fields: { id: '2', more: '' } },
      { text: '', id: '3', fields: { id: '3', more: 'y' } },
    ])
  })

  it.each([
    ['title\na', /has no column text\nIt has title\nName one with --column/],
    ['texts,id\na,1', /has no column text\nDid you mean texts\?/],
    ['text,text\na,b', /names of their own: text comes twice/],
    ['text,b\n1,2\n1', /every record must have 2 fields: line 3 has 1/],
    ['text\n"a"b', /a quote is out of place: current line is 2/],
    ['text\n"never\nclosed', /a quote is out of place: current line is 3/],
  ])('refuses %j', async (csv, message) => {
    await expect(textsOf(csv, 'csv')).rejects.toThrow(message)
  })

  it('does not read a whole file because of one open quote', async () => {
    const csv = `text\n"open\n${'long line of words\n'.repeat(1_500_000)}`
    await expect(textsOf(csv, 'csv')).rejects.toThrow(/a quote that is opened must be closed again/)
  })
})

describe('JSON Lines', () => {
  it('reads a field, and keeps the others as they are', async () => {
    const lines = '{"text":"a","n":1,"deep":{"x":[null]}}\n\n{"n":2,"text":"b"}\n'
    const { records } = await readerOf(lines, 'jsonl', { idColumn: 'n' }).readPart(10)
    expect(records.map(({ text, id, fields }) => ({ text, id, fields }))).toEqual([
      { text: 'a', id: '1', fields: { n: 1, deep: { x: [null] } } },
      { text: 'b', id: '2', fields: { n: 2 } },
    ])
  })

  it.each([
    ['{"text":"a"}\n{"text":', {}, /every line must be JSON: current line is 2/],
    ['["a"]', {}, /must be an object/],
    ['null', {}, /must be an object/],
    ['{"txt":"a"}', {}, /must have a field text: current line is 1\nDid you mean txt\?/],
    ['{}', {}, /must have a field text: current line is 1\nIt has no fields/],
    ['{"text":5}', {}, /text must be a text: current type is number/],
    ['{"text":"a"}', { idColumn: 'id' }, /must have a field id/],
    ['{"text":"a","id":true}', { idColumn: 'id' }, /id must be a text or a number: current type is boolean/],
  ])('refuses %j', async (lines, wanted, message) => {
    await expect(textsOf(lines, 'jsonl', wanted)).rejects.toThrow(message)
  })
})

describe('InputReader', () => {
  it('gives the same digest by reading and by passing over, and another for another input', async () => {
    const lines = 'a\nb\nc\n'
    const part = await readerOf(lines, 'lines').readPart(2)
    expect(part.records.map(({ endByte }) => endByte)).toEqual([2, 4])
    expect(await readerOf(lines, 'lines').skip(2)).toEqual({ skipped: 2, digest: part.digest })
    expect((await readerOf('a\nB\nc\n', 'lines').skip(2)).digest).not.toBe(part.digest)
    // What comes behind is not looked at.
    expect((await readerOf('a\nb\nz\n', 'lines').skip(2)).digest).toBe(part.digest)
    expect((await readerOf('a\n', 'lines').skip(2)).skipped).toBe(1)
  })
})

it.each([
  ['a.csv', 'csv'],
  ['a.CSV', 'csv'],
  ['a.jsonl', 'jsonl'],
  ['a.ndjson', 'jsonl'],
  ['a.txt', 'lines'],
  ['-', 'lines'],
])('formatOf(%j) is %s', (path, format) => {
  expect(formatOf(path)).toBe(format)
})
