import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { createIndex } from '@nestling/search'
import { endProcessesAfterEach, outputOf, runModule } from '@nestling/testing/node-process'
import { afterAll, describe, expect, it, vi } from 'vitest'

// Processes and threads start, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })

const cache = mkdtempSync(join(tmpdir(), 'nestling-search-processes-'))
process.env['NESTLING_CACHE'] = cache

endProcessesAfterEach()
afterAll(() => {
  rmSync(cache, { recursive: true, force: true })
})

/** Runs code in a process of its own, which has `createIndex`, and `many` documents of a round with their vectors. */
function run(code: string): ChildProcess {
  const given = `import { createIndex } from '@nestling/search'
const many = (count, round) => [
  Array.from({ length: count }, (_, id) => ({ id, text: 'text ' + round, metadata: { round } })),
  { embeddings: Float32Array.from({ length: 4 * count }, (_, place) => Math.sin(place * round)) },
]\n`
  return runModule(given + code, { cwd: join(import.meta.dirname, '../..'), cache })
}

describe('a process', () => {
  it.each([
    ['after dispose()', `await index.dispose()`],
    ['with an index that nobody uses any more', ''],
  ])('ends by itself %s', async (_, last) => {
    for (const options of ['{}', `{ store: 'ends' }`]) {
      const code = `const index = await createIndex(${options}); await index.update(...many(10, 1))
        console.log((await index.search('text', { mode: 'keywords' })).length); ${last}`
      expect(await outputOf(run(code))).toBe('10')
    }
  })

  it('lives until its calls are done', async () => {
    const code = `createIndex({ store: 'lives' }).then((index) => {
      index.update(...many(20_000, 1)).then(({ added }) => {
        console.log(added)
        index.paraphraseMining({ maxPairs: 3 }).then(({ length }) => console.log(length))
      })
    })`
    expect(await outputOf(run(code))).toBe('20000\n3')
  })
})

describe('an index that several processes have open', () => {
  it('has what all of them add at once, and each finds what others have added', async () => {
    const open = await createIndex({ store: 'shared' })
    await open.add([{ id: 'first', embedding: Float32Array.of(1, 0) }])
    const add = (name: string): string => `const index = await createIndex({ store: 'shared' })
      for (let time = 0; time < 40; time++) {
        const id = '${name}' + time
        await index.add([{ id, embedding: Float32Array.of(Math.cos(time), Math.sin(time)) }])
        if (!(await index.has(id))) throw new Error(id)
      }
      await index.dispose()`
    await Promise.all(['a', 'b', 'c'].map(async (name) => outputOf(run(add(name)))))
    const hits = await open.search(Float32Array.of(1, 0), { topK: 200 })
    expect(hits).toHaveLength(121)
    expect(new Set(await open.ids()).size).toBe(121)
    // The same by who has read it anew.
    const again = await createIndex({ store: 'shared' })
    expect(await again.search(Float32Array.of(1, 0), { topK: 200 })).toEqual(hits)
    await Promise.all([open.dispose(), again.dispose()])
  })

  it('is read whole while one of them writes it anew without end', async () => {
    const writer = run(`const index = await createIndex({ store: 'rewritten' })
      for (let round = 1; ; round++) {
        await index.update(...many(1500, round))
        console.log(round)
      }`)
    const rounds = createInterface({ input: writer.stdout ?? process.stdin })
    await once(rounds, 'line')
    for (let time = 0; time < 10; time++) {
      const index = await createIndex({ store: 'rewritten' })
      const hits = await index.search(Float32Array.of(1, 0, 0, 0), { topK: 2000 })
      expect(hits).toHaveLength(1500)
      expect(new Set(hits.map(({ metadata }) => metadata?.['round'])).size).toBe(1)
      await index.dispose()
    }
  })
})

describe('a process that is killed while it writes', () => {
  it('leaves an index of whole changes', async () => {
    let last = 0
    for (const delayMs of [0, 4, 9, 17, 30, 55, 80, 130]) {
      const writer = run(`const index = await createIndex({ store: 'killed' })
        for (let round = ${last + 1}; ; round++) {
          await index.update(...many(1500, round))
          console.log(round)
        }`)
      let told = 0
      const lines = createInterface({ input: writer.stdout ?? process.stdin })
      lines.on('line', (line) => (told = Number(line)))
      await once(lines, 'line')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      writer.kill('SIGKILL')
      await Promise.all([once(writer, 'exit'), once(lines, 'close')])
      const index = await createIndex({ store: 'killed' })
      const hits = await index.search(Float32Array.of(1, 0, 0, 0), { topK: 2000 })
      // Every change replaces all documents: those of two rounds at once would be half a change.
      const rounds = new Set(hits.map(({ metadata }) => Number(metadata?.['round'])))
      expect([hits.length, rounds.size]).toEqual([1500, 1])
      const [round = 0] = rounds
      // What was told to be written is there, and the next one may be.
      expect(round).toBeGreaterThanOrEqual(told)
      expect(round).toBeLessThanOrEqual(told + 1)
      last = round
      await index.dispose()
    }
    // Each of them has told of one at least.
    expect(last).toBeGreaterThanOrEqual(8)
  })
})
