import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbedderError } from '../wire/embedder-error.js'
import type { EncodeRequest } from '../wire/protocol.js'
import { Dispatcher } from './dispatcher.js'
import { FakeHost, vectorOf } from './fake-host.contract.js'
import { RowsCall, type TextRows } from './rows-call.js'

const DIM = 2

interface Bench {
  readonly first: FakeHost
  readonly other: FakeHost
  readonly dispatcher: Dispatcher
}

/** Two hosts at most; the other one is not ready yet. */
function benchOf({ isReady = true } = {}): Bench {
  const first = new FakeHost()
  const other = new FakeHost(isReady)
  return { first, other, dispatcher: new Dispatcher({ first, another: () => other, workers: 2 }) }
}

function rowsOf(texts: readonly string[], isShared = true, onDone?: (done: number) => void): RowsCall {
  const what = { prompt: '', truncateDim: undefined, normalize: false, batchSize: 32, cacheDim: undefined }
  return new RowsCall({
    texts,
    dim: DIM,
    isShared,
    onProgress: (event) => onDone?.((event as { done: number }).done),
    send: (host, { id, texts: portion, isIsolated }) =>
      host.encode({ id, texts: portion, isIsolated, priority: 'background', onTruncate: 'error', ...what }),
  })
}

function run({ dispatcher }: Bench, texts: readonly string[], isShared = true): Promise<TextRows> {
  return dispatcher.run(rowsOf(texts, isShared))
}

/** Different texts that are worth two hosts. */
const BULK = Array.from({ length: 60 }, (_, index) => `${index} `.padEnd(300, '.'))

function expectRows({ data, tokenCounts }: TextRows, texts: readonly string[]): void {
  expect(Array.from(data)).toEqual(texts.flatMap(vectorOf))
  expect(Array.from(tokenCounts)).toEqual(texts.map(({ length }) => length))
}

/** Has hosts answer until they have nothing more. */
function answerAll(...hosts: readonly FakeHost[]): void {
  while (hosts.some(({ requests }) => requests.length > 0)) for (const host of hosts) host.answer()
}

/** Texts of requests, one after another. */
const textsOf = (requests: readonly EncodeRequest[]): string[] => requests.flatMap(({ texts }) => texts)

describe('a dispatcher', () => {
  it('shares a long list, gives each host two jobs at a time, and joins the rows', async () => {
    const bench = benchOf({ isReady: false })
    const call = run(bench, BULK)
    expect([bench.first.requests.length, bench.other.starts]).toEqual([2, 1])
    bench.other.ready()
    expect(bench.other.requests).toHaveLength(2)
    bench.other.answer()
    expect(bench.other.requests).toHaveLength(2)
    answerAll(bench.first, bench.other)
    expectRows(await call, BULK)
    expect(textsOf([...bench.first.all, ...bench.other.all]).sort()).toEqual([...BULK].sort())
    expect(bench.other.all.length).toBeGreaterThan(2)
  })

  it('sends what is urgent at once to the host that has the least', async () => {
    const bench = benchOf()
    const bulk = run(bench, BULK)
    bench.other.answer()
    const query = run(bench, ['7'], false)
    expect(bench.first.requests.at(-1)?.texts).toEqual(['7'])
    answerAll(bench.first, bench.other)
    expectRows(await query, ['7'])
    expectRows(await bulk, BULK)
  })

  it('ends a call that has no texts, and settles calls with one answer', async () => {
    const bench = benchOf()
    expectRows(await run(bench, []), [])
    expect(await bench.dispatcher.call((host) => host.stats())).toBe(0)
    expect(await bench.dispatcher.callExtras((host) => host.stats())).toEqual([])
    const call = run(bench, BULK)
    bench.other.starts = 5
    expect(await bench.dispatcher.callExtras((host) => host.stats())).toEqual([5])
    answerAll(bench.first, bench.other)
    await call
  })

  it('ignores rows of a request that nobody knows', async () => {
    const bench = benchOf()
    const call = run(bench, ['1', '2'])
    const [request] = bench.first.requests
    bench.first.answer({ ...(request as EncodeRequest), id: 99, texts: ['8', '9'] })
    bench.other.tell({ kind: 'failed', id: request?.id ?? 0, error: new EmbedderError('model-invalid', 'not mine') })
    bench.first.answer()
    expectRows(await call, ['1', '2'])
  })

  it('fails a call alone that the model cannot do', async () => {
    const bench = benchOf()
    const calls = [run(bench, ['1'], false), run(bench, ['2'], false)]
    bench.first.fail('model-invalid')
    await expect(calls[0]).rejects.toMatchObject({ code: 'model-invalid' })
    bench.first.answer(bench.first.requests[1])
    expectRows((await calls[1]) as TextRows, ['2'])
    expect(bench.first.starts).toBe(0)
  })

  it('names the place that the caller gave a text that is too long, also behind equal ones', async () => {
    const bench = benchOf()
    const call = run(bench, ['1', '1', '2', '1', '3'])
    const [request] = bench.first.requests
    expect(request?.texts).toEqual(['1', '2', '3'])
    bench.first.tell({ kind: 'too-long', id: request?.id ?? 0, index: 2, tokenCount: 9 })
    await expect(call).rejects.toMatchObject({ details: { index: 4, tokenCount: 9, maxSeqLength: 8 } })
  })
})

describe('a dispatcher whose host is lost', () => {
  it('sends what was not done again, and alone', async () => {
    const bench = benchOf()
    const call = run(bench, ['1', '2', '3'])
    bench.first.answer(bench.first.requests[0], [1])
    bench.first.replace()
    expect(bench.first.starts).toBe(1)
    expect(bench.first.requests).toMatchObject([{ texts: ['1', '3'], isIsolated: true }])
    bench.first.answer()
    expectRows(await call, ['1', '2', '3'])
    expect(bench.first.all).toHaveLength(2)
    expect(bench.first.all[0]).toMatchObject({ isIsolated: false })
  })

  it('ignores what a host tells of what it had before it was lost', async () => {
    const bench = benchOf()
    const call = run(bench, ['1', '2'])
    const [old] = bench.first.requests
    bench.first.replace()
    bench.first.answer({ ...(old as EncodeRequest), texts: ['8', '9'] })
    bench.first.answer()
    expectRows(await call, ['1', '2'])
  })

  it('fails a call at which the host fails three times, and goes on with the next', async () => {
    const bench = benchOf()
    const call = run(bench, ['1'])
    for (let time = 0; time < 3; time++) bench.first.replace()
    await expect(call).rejects.toMatchObject({ code: 'worker-crashed' })
    const next = run(bench, ['2'])
    bench.first.answer()
    expectRows(await next, ['2'])
  })

  it('blames only the call that the host was at alone', async () => {
    const bench = benchOf()
    const calls = [run(bench, ['1'], false), run(bench, ['2'], false)]
    bench.first.replace()
    for (let time = 0; time < 2; time++) {
      const poison = bench.first.requests.find(({ texts }) => texts.includes('2'))
      bench.first.tell({ kind: 'slice', predictedMs: 1, ids: [poison?.id ?? 0] })
      bench.first.replace()
    }
    await expect(calls[1]).rejects.toMatchObject({ code: 'worker-crashed' })
    bench.first.answer()
    expectRows((await calls[0]) as TextRows, ['1'])
  })

  it('stops a host that failed a run, and blames the call of that run', async () => {
    const bench = benchOf()
    const calls = [run(bench, ['1'], false), run(bench, ['2'], false)]
    for (let time = 0; time < 3; time++) {
      bench.first.fail(
        'run-failed',
        bench.first.requests.find(({ texts }) => texts.includes('1')),
      )
      expect(bench.first.isReady).toBe(false)
      bench.first.ready()
    }
    await expect(calls[0]).rejects.toMatchObject({ code: 'run-failed' })
    bench.first.answer()
    expectRows((await calls[1]) as TextRows, ['2'])
  })

  it('asks for a lower device before it fails a call, and gives that one try', async () => {
    const bench = benchOf()
    bench.first.lowerDevices = 1
    const call = run(bench, ['1'])
    for (let time = 0; time < 3; time++) bench.first.replace()
    expect(bench.first.requests).toHaveLength(1)
    bench.first.replace()
    await expect(call).rejects.toMatchObject({ code: 'worker-crashed' })
    expect(bench.first.starts).toBe(3)
  })

  it('fails all that waits when hosts fail five times without a row done', async () => {
    const bench = benchOf()
    const calls = [1, 2, 3].map((text) => run(bench, [`${text}`], false))
    const settled = Promise.allSettled(calls)
    bench.first.replace()
    for (const text of ['1', '1', '2', '2']) {
      const request = bench.first.requests.find(({ texts }) => texts.includes(text))
      bench.first.tell({ kind: 'slice', predictedMs: 1, ids: [request?.id ?? 0] })
      bench.first.replace()
    }
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(bench.first.requests).toEqual([])
  })

  it('counts failures anew with every row', async () => {
    const bench = benchOf()
    const texts = ['1', '2', '3', '4', '5', '6']
    const good = run(bench, texts, false)
    const bad = ['8', '9'].map((text) => run(bench, [text], false))
    const settled = Promise.allSettled(bad)
    bench.first.replace()
    for (const text of ['8', '8', '9', '9']) {
      const request = bench.first.requests.find((found) => found.texts.includes(text))
      bench.first.tell({ kind: 'slice', predictedMs: 1, ids: [request?.id ?? 0] })
      bench.first.replace()
      bench.first.answer(
        bench.first.requests.find((found) => found.texts.includes('6')),
        [0],
      )
    }
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    answerAll(bench.first)
    expectRows(await good, texts)
  })

  it('fails what waits where the host cannot be loaded', async () => {
    const bench = benchOf()
    const call = run(bench, ['1'])
    const answer = bench.dispatcher.call(() => new Promise<never>(() => undefined))
    bench.first.lose()
    bench.first.tell({ kind: 'unloadable', error: 'no room' })
    await expect(call).rejects.toBe('no room')
    await expect(answer).rejects.toBe('no room')
  })

  it('asks again for an answer that a lost host owed', async () => {
    const bench = benchOf()
    let asked = 0
    const answer = bench.dispatcher.call(() =>
      ++asked === 1 ? new Promise<number>(() => undefined) : Promise.resolve(7),
    )
    bench.first.replace()
    expect(await answer).toBe(7)
  })

  it('gives the two jobs of one host to the other, which goes on', async () => {
    const bench = benchOf()
    const call = run(bench, BULK)
    const lost = textsOf(bench.other.requests)
    expect(bench.other.requests).toHaveLength(2)
    bench.other.lose()
    // One failure there says little of the call: the first host has it alone now.
    expect(bench.other.starts).toBe(0)
    bench.other.ready()
    expect(bench.other.requests).toEqual([])
    answerAll(bench.first)
    expectRows(await call, BULK)
    expect(textsOf(bench.first.all)).toEqual(expect.arrayContaining(lost))
  })

  it('has the other host do what the first one had, while that starts again', async () => {
    const bench = benchOf()
    const call = run(bench, BULK)
    bench.first.lose()
    answerAll(bench.other)
    expectRows(await call, BULK)
  })

  it('has a ready host do a query of one that is lost', async () => {
    const bench = benchOf()
    const bulk = run(bench, BULK)
    answerAll(bench.first, bench.other)
    expectRows(await bulk, BULK)
    const query = run(bench, ['7'], false)
    bench.first.lose()
    expect(textsOf(bench.other.requests)).toEqual(['7'])
    answerAll(bench.other)
    expectRows(await query, ['7'])
  })

  it('goes on with a call of which that host has nothing more', async () => {
    const bench = benchOf()
    const call = run(bench, BULK)
    while (bench.first.requests.length > 0) bench.first.answer()
    const query = run(bench, ['7'], false)
    bench.first.lose()
    bench.first.tell({ kind: 'unloadable', error: 'no room' })
    await expect(query).rejects.toBe('no room')
    expect(bench.other.requests.map(({ isIsolated }) => isIsolated)).toEqual([false, false])
    answerAll(bench.other)
    expectRows(await call, BULK)
  })

  it('gives no job to a host that computes otherwise than the first one, and no more where that has changed', async () => {
    const bench = benchOf()
    const call = run(bench, BULK)
    bench.first.model = { ...bench.first.model, dtype: 'fp32' }
    answerAll(bench.other)
    expect(bench.other.all).toHaveLength(2)
    answerAll(bench.first)
    expectRows(await call, BULK)
    const next = run(bench, BULK)
    expect(bench.other.all).toHaveLength(2)
    answerAll(bench.first)
    expectRows(await next, BULK)
  })

  it('gives nothing more to a host that calls had to leave three times in a row', async () => {
    const bench = benchOf()
    for (let time = 0; time < 3; time++) {
      const call = run(bench, BULK)
      bench.other.lose()
      answerAll(bench.first)
      expectRows(await call, BULK)
      bench.other.isReady = true
    }
    expect(bench.dispatcher.count).toEqual({ running: 1, most: 1 })
    expect(bench.dispatcher.reasons).toHaveLength(1)
    const { length } = bench.other.all
    const call = run(bench, BULK)
    answerAll(bench.first)
    expectRows(await call, BULK)
    expect(bench.other.all).toHaveLength(length)
  })
})

describe('the end of calls', () => {
  it('comes at once with an abort, and hosts are told', async () => {
    const bench = benchOf()
    const controller = new AbortController()
    const call = bench.dispatcher.run(rowsOf(BULK), controller.signal)
    const ids = [...bench.first.requests, ...bench.other.requests].map(({ id }) => id)
    const late = bench.first.requests[0] as EncodeRequest
    controller.abort('enough')
    await expect(call).rejects.toBe('enough')
    expect([...bench.first.cancelled, ...bench.other.cancelled].sort()).toEqual(ids.sort())
    bench.first.answer(late)
    expect(bench.first.requests).toEqual([])
  })

  it('may come from whoever hears of the progress', async () => {
    const bench = benchOf()
    const controller = new AbortController()
    const stop = (): void => {
      controller.abort('enough')
    }
    const call = bench.dispatcher.run(rowsOf(BULK, true, stop), controller.signal)
    bench.first.answer(bench.first.requests[0], [0])
    await expect(call).rejects.toBe('enough')
    expect([bench.first.requests, bench.other.requests]).toEqual([[], []])
    bench.first.replace()
    expect(bench.first.requests).toEqual([])
  })

  it('comes with the end of the dispatcher, also while a host is loaded, and for all that come later', async () => {
    const bench = benchOf({ isReady: false })
    const calls = [run(bench, BULK), run(bench, ['1'], false)]
    bench.first.lose()
    const settled = Promise.allSettled(calls)
    await bench.dispatcher.dispose('gone')
    expect(await settled).toEqual(calls.map(() => ({ status: 'rejected', reason: 'gone' })))
    expect([bench.first.disposed, bench.other.disposed]).toEqual(['gone', 'gone'])
    bench.first.tell({ kind: 'unloadable', error: 'gone' })
    await expect(run(bench, ['2'])).rejects.toBe('gone')
    await expect(bench.dispatcher.call((host) => host.stats())).rejects.toBe('gone')
    await bench.dispatcher.dispose('again')
    expect(bench.first.disposed).toBe('gone')
  })
})

describe('any order of rows and losses', () => {
  /** What happens next at one of two hosts; losses are few, so that nothing is hopeless. */
  const step = fc.record({
    at: fc.constantFrom('first', 'other'),
    what: fc.constantFrom('all', 'some', 'some', 'newest', 'late', 'lose', 'ready'),
  } as const)
  const texts = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 90 })

  it('gives each text its own row, and each equal text is asked for once unless it was lost', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(step, { maxLength: 60 }), async (numbers, steps) => {
        const bench = benchOf()
        const all = numbers.map((number) => `${number} `.padEnd(400, '.'))
        const call = run(bench, all)
        let losses = 0
        const seen: EncodeRequest[] = []
        for (const { at, what } of steps) {
          const host = bench[at]
          seen.push(...host.requests)
          if (what === 'all') host.answer()
          else if (what === 'newest') host.answer(host.requests.at(-1))
          else if (what === 'some') host.answer(host.requests[0], [0])
          else if (what === 'late') host.answer(seen[0])
          else if (what === 'ready' && !host.isReady) host.ready()
          else if (what === 'lose' && host.isReady && losses < 2) {
            losses++
            host.lose()
          }
        }
        for (const host of [bench.first, bench.other]) if (!host.isReady) host.ready()
        answerAll(bench.first, bench.other)
        expectRows(await call, all)
        if (losses === 0) {
          const asked = textsOf([...bench.first.all, ...bench.other.all])
          expect(asked.length).toBe(new Set(all).size)
        }
      }),
      { numRuns: 300 },
    )
  })
})
