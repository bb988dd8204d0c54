import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  appendFileSync,
  writeFileSync,
  readdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SinkJob, SinkRow } from '../embedding-sink.js'
import { FileSink } from './file-sink.js'
import { JSONL_FORMAT } from './jsonl-format.js'
import { NPY_FORMAT } from './npy-format.js'

let folder: string
let out: string
const opened: FileSink[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestling-sink-'))
  out = join(folder, 'out.npy')
})
afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.abort()
  rmSync(folder, { recursive: true, force: true })
})

const JOB: SinkJob = {
  space: { id: 's', model: 'm' },
  ...{ dim: 2, precision: 'float32', textName: 'text', digest: 'd', isRestart: false, isOverwrite: false },
}

function sinkOf(path = out, format = NPY_FORMAT): FileSink {
  const sink = new FileSink(path, format)
  opened.push(sink)
  return sink
}

function rowsOf(first: number, count: number): SinkRow[] {
  return Array.from({ length: count }, (_, offset) => {
    const index = first + offset
    return { index, id: String(index), text: `t${index}`, fields: {}, vector: new Float32Array([index, -index]) }
  })
}

/** Writes a part as a process that is killed after it: nothing is closed on purpose. */
async function writePart(sink: FileSink, first: number, count: number): Promise<void> {
  await sink.write(rowsOf(first, count), { rows: first + count, inputDigest: `i${first + count}` })
}

/** Why a sink does not open. */
async function refusal(job = JOB): Promise<string> {
  const sink = sinkOf()
  try {
    await sink.open(job)
  } catch (error) {
    await sink.abort()
    return String(error)
  }
  return expect.unreachable('it was opened')
}

async function whole(count: number): Promise<Buffer> {
  const path = join(folder, 'whole.npy')
  const sink = sinkOf(path)
  await sink.open(JOB)
  await writePart(sink, 0, count)
  await sink.finish()
  return readFileSync(path)
}

describe('FileSink', () => {
  it('writes what numpy writes', async () => {
    const bytes = await whole(3)
    // numpy.save of [[0, 0], [1, -1], [2, -2]] as float32 (numpy 2.4): this head, and the rows behind 128 bytes.
    const head = "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
    expect(bytes.toString('latin1', 0, 128)).toBe(`${head.padEnd(127)}\n`)
    expect(bytes.toString('hex', 128)).toBe('00000000000000800000803f000080bf00000040000000c0')
  })

  it('shows nothing under its name before the end, and leaves nothing beside it then', async () => {
    const sink = sinkOf()
    await sink.open(JOB)
    await writePart(sink, 0, 2)
    expect(readdirSync(folder).sort()).toEqual(['out.npy.part', 'out.npy.part.json'])
    await sink.finish()
    expect(readdirSync(folder)).toEqual(['out.npy'])
  })

  it.each([
    ['whole', 0],
    ['with a torn row', 3],
    ['with rows that no state counts', 80],
  ])('goes on with a file that is %s', async (_, torn) => {
    const expected = await whole(5)
    const killed = sinkOf()
    expect(await killed.open(JOB)).toBeUndefined()
    await writePart(killed, 0, 2)
    await killed.abort()
    appendFileSync(`${out}.part`, Buffer.alloc(torn, 7))
    const next = sinkOf()
    expect(await next.open(JOB)).toEqual({ rows: 2, inputDigest: 'i2' })
    await writePart(next, 2, 3)
    await next.finish()
    expect(readFileSync(out).equals(expected)).toBe(true)
  })

  it('begins again where no state was written, or with isRestart', async () => {
    writeFileSync(`${out}.part`, 'torn head and more than that, which is longer than the whole file will be'.repeat(9))
    const first = sinkOf()
    expect(await first.open(JOB)).toBeUndefined()
    await writePart(first, 0, 2)
    await first.abort()
    const second = sinkOf()
    expect(await second.open({ ...JOB, digest: 'other', isRestart: true })).toBeUndefined()
    await writePart(second, 0, 1)
    await second.finish()
    expect(readFileSync(out).equals(await whole(1))).toBe(true)
  })

  it('refuses to mix two jobs, a file that is there, and a file that is too short', async () => {
    const first = sinkOf()
    await first.open(JOB)
    await writePart(first, 0, 2)
    await first.abort()
    expect(await refusal({ ...JOB, digest: 'other' })).toMatch(/begun with another model.*\n.*--restart/)
    truncateSync(`${out}.part`, 130)
    expect(await refusal()).toMatch(/must have 144 bytes or more: current size is 130\nAdd --restart/)
    writeFileSync(`${out}.part.json`, '{"version":1')
    expect(await refusal()).toMatch(/part\.json is damaged\nAdd --restart/)
    writeFileSync(out, 'mine')
    expect(await refusal()).toMatch(/out\.npy as it is there already\nAdd --overwrite/)
    expect(readFileSync(out, 'utf8')).toBe('mine')
  })

  it('replaces a file with isOverwrite, at the end', async () => {
    writeFileSync(out, 'mine')
    const sink = sinkOf()
    await sink.open({ ...JOB, isOverwrite: true })
    await writePart(sink, 0, 1)
    expect(readFileSync(out, 'utf8')).toBe('mine')
    await sink.finish()
    expect(readFileSync(out).equals(await whole(1))).toBe(true)
  })

  it('lets one of two write, until it has ended', async () => {
    const first = sinkOf()
    await first.open(JOB)
    await expect(sinkOf().open(JOB)).rejects.toThrow(/as another process is writing it/)
    expect(existsSync(`${out}.part`)).toBe(true)
    await first.abort()
    await sinkOf().open(JOB)
  })

  it('leaves nothing behind where no row was written', async () => {
    const sink = sinkOf()
    await sink.open(JOB)
    await sink.abort()
    expect(readdirSync(folder)).toEqual([])
  })

  it('gives an empty input an empty file', async () => {
    const sink = sinkOf()
    await sink.open(JOB)
    await sink.finish()
    expect(readFileSync(out, 'latin1')).toContain("'shape': (0, 2)")
  })

  it('says why a file cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(sinkOf(join(folder, 'file/out.npy')).open(JOB)).rejects.toThrow(/^Cannot write .* as a file stands/)
    mkdirSync(out)
    expect(await refusal({ ...JOB, isOverwrite: true })).toMatch(/out\.npy as it is a folder\nName a file/)
  })
})

describe('JSONL_FORMAT', () => {
  const row = (fields: Record<string, unknown>, vector: SinkRow['vector']): SinkRow => {
    return { index: 0, id: '0', text: 'é"', fields, vector }
  }

  it('keeps fields and gives each float32 back', () => {
    const vector = new Float32Array([0.1, -1 / 3, 1e-20, 16_777_217, 0, 3.4028234663852886e38])
    const line = Buffer.from(JSONL_FORMAT.rows([row({ n: [1, null] }, vector)], { ...JOB, textName: 'q' })).toString()
    expect(line.endsWith('}\n')).toBe(true)
    const { embedding, ...rest } = JSON.parse(line) as { embedding: number[] }
    expect(rest).toEqual({ q: 'é"', n: [1, null] })
    expect(new Float32Array(embedding)).toEqual(vector)
    expect(line).toContain('0.100000001,')
  })

  it('writes integers as they are', () => {
    const line = Buffer.from(JSONL_FORMAT.rows([row({}, new Int8Array([-128, 127]))], { ...JOB, precision: 'int8' }))
    expect(line.toString()).toBe('{"text":"é\\"","embedding":[-128,127]}\n')
  })

  it('refuses a field that it would write twice', () => {
    const rows = [row({ embedding: 1 }, new Float32Array(1))]
    expect(() => JSONL_FORMAT.rows(rows, JOB)).toThrow(/row 0 has a field embedding already/)
  })
})
