import type { Embedder } from 'nestling'
import { BULK, TEXTS, type CellBench, type FaultCall, type FaultCell, type Outcome } from './fault-cell.js'

/** As many callers as a page may have at once. */
const CALLERS = 50

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Loads, encodes all texts, and expects this. */
function encodes(outcome: Outcome): FaultCell['run'] {
  return async (bench) => {
    const embedder = await bench.load()
    return [bench.call(embedder, TEXTS, outcome)]
  }
}

/** Loads and expects the load itself to end so. */
function loads(outcome: Outcome): FaultCell['run'] {
  return (bench) => Promise.resolve([{ promise: bench.load(), outcome }])
}

/** One call for each of many callers. */
function callers(bench: CellBench, embedder: Embedder, outcomes: (text: string) => Outcome): FaultCall[] {
  return Array.from({ length: CALLERS }, (_, index) => {
    const text = TEXTS[index % TEXTS.length] ?? ''
    return bench.call(embedder, [text], outcomes(text))
  })
}

/** Many callers with good texts and one with a text that fails wherever it runs. */
function poisoned(outcome: Outcome): FaultCell['run'] {
  return async (bench) => {
    const embedder = await bench.load()
    const poison = { promise: embedder.encode(bench.poison), outcome }
    return [poison, ...callers(bench, embedder, () => 'value')]
  }
}

const once = (fault: string): readonly string[] => [`run=${fault}&count=1`, '']

const RUN_CELLS: readonly FaultCell[] = [
  { name: 'exception in run, once', plans: once('throw'), run: encodes('value') },
  { name: 'exception in every run', plans: ['run=throw'], run: encodes('run-failed') },
  { name: 'out of memory, once', plans: once('out-of-memory'), run: encodes('value') },
  { name: 'out of memory in every run', plans: ['run=out-of-memory'], run: encodes('out-of-memory') },
  { name: 'NaN, once', plans: once('nan'), run: encodes('value') },
  { name: 'NaN in every run', isSlowOnGpu: true, plans: ['run=nan'], run: encodes('run-failed') },
  { name: 'vector of zeros, once', isSlowOnGpu: true, plans: once('zeros'), needsNetwork: true, run: encodes('value') },
  { name: 'hang that blocks', plans: once('block'), run: encodes('value') },
  { name: 'hang that never settles', plans: once('never'), run: encodes('value') },
  { name: 'hang in every run', isSlowOnGpu: true, plans: ['run=never'], run: encodes('worker-unresponsive') },
  { name: 'uncaught error in the worker', plans: once('uncaught'), run: encodes('value') },
  { name: 'uncaught error in every run', plans: ['run=uncaught'], run: encodes('worker-crashed') },
  { name: 'worker ends without a word', plans: once('close'), run: encodes('value') },
  { name: 'device destroyed mid-batch', plans: once('lose-device'), devices: ['webgpu'], run: encodes('value') },
  {
    name: 'device destroyed in every run',
    plans: ['run=lose-device'],
    devices: ['webgpu'],
    run: encodes('device-lost'),
  },
  {
    name: 'device destroyed with two batches in flight',
    plans: once('lose-together'),
    devices: ['webgpu'],
    run: async (bench) => {
      const embedder = await bench.load()
      return TEXTS.map((text) => bench.call(embedder, [text], 'value', { batchSize: 1 }))
    },
  },
  {
    name: 'two embedders, the device of one destroyed',
    plans: once('lose-device'),
    devices: ['webgpu'],
    run: async (bench) => {
      const embedders = [await bench.load(), await bench.load()]
      return embedders.map((embedder) => bench.call(embedder, TEXTS, 'value'))
    },
  },
  { name: 'invalid call of the GPU, once', plans: once('invalid'), devices: ['webgpu'], run: encodes('value') },
  { name: 'invalid calls of the GPU', plans: ['run=invalid'], devices: ['webgpu'], run: encodes('run-failed') },
  {
    name: 'worker terminated from outside',
    plans: ['delay=200'],
    run: async (bench) => {
      const embedder = await bench.load()
      const call = bench.call(embedder, TEXTS, 'value')
      await after(50)
      bench.workers[0]?.terminate()
      return [call]
    },
  },
  {
    name: 'hang while texts are counted too',
    plans: once('block'),
    run: async (bench) => {
      const embedder = await bench.load()
      const counts = bench.count(embedder, TEXTS)
      return [bench.call(embedder, TEXTS, 'value'), counts]
    },
  },
]

const LOAD_CELLS: readonly FaultCell[] = [
  { name: 'session rejected, once', plans: ['load=session', ''], run: encodes('value') },
  { name: 'session always rejected', plans: ['load=session'], run: loads('run-failed') },
  { name: 'no memory for the engine, once', plans: ['load=out-of-memory', ''], run: encodes('value') },
  { name: 'never memory for the engine', plans: ['load=out-of-memory'], run: loads('out-of-memory') },
  { name: 'worker crashes in the load, once', plans: ['load=uncaught', ''], run: encodes('value') },
  { name: 'worker hangs in the load, once', isSlowOnGpu: true, plans: ['load=block', ''], run: encodes('value') },
  { name: 'worker hangs in every load', plans: ['load=never'], run: loads('worker-unresponsive') },
  { name: 'quota exceeded', plans: ['quota'], run: encodes('value') },
]

const ABORT_CELLS: readonly FaultCell[] = [
  {
    name: 'abort before the call',
    plans: [''],
    run: async (bench) => {
      const embedder = await bench.load()
      return [
        bench.call(embedder, TEXTS, 'abort', { signal: AbortSignal.abort() }),
        bench.call(embedder, TEXTS, 'value'),
      ]
    },
  },
  {
    name: 'abort in the queue',
    plans: ['delay=100'],
    run: async (bench) => {
      const embedder = await bench.load()
      const controller = new AbortController()
      const first = bench.call(embedder, TEXTS, 'value', { batchSize: 1 })
      const second = bench.call(embedder, TEXTS, 'abort', { batchSize: 1, signal: controller.signal })
      await after(10)
      controller.abort()
      return [first, second]
    },
  },
  {
    name: 'abort during a run',
    plans: ['delay=200'],
    run: async (bench) => {
      const embedder = await bench.load()
      const controller = new AbortController()
      const call = bench.call(embedder, TEXTS, 'abort', { signal: controller.signal })
      await after(100)
      controller.abort()
      return [call, bench.call(embedder, TEXTS, 'value')]
    },
  },
  {
    name: 'abort during the load',
    plans: [''],
    run: (bench) => {
      const controller = new AbortController()
      // At its first sign: the kernels load a small model in less than 100 ms.
      const onProgress = (): void => {
        controller.abort()
      }
      return Promise.resolve([{ promise: bench.load({ signal: controller.signal, onProgress }), outcome: 'abort' }])
    },
  },
  {
    name: 'abort while a worker is replaced',
    plans: once('throw'),
    run: async (bench) => {
      const embedder = await bench.load()
      const controller = new AbortController()
      const call = bench.call(embedder, TEXTS, 'abort', { signal: controller.signal })
      const other = bench.call(embedder, TEXTS.slice(0, 1), 'value')
      await bench.untilWorkers(2)
      controller.abort()
      return [call, other]
    },
  },
  {
    name: 'abort of a stream',
    plans: ['delay=100'],
    run: async (bench) => {
      const embedder = await bench.load()
      const controller = new AbortController()
      const promise = bench.stream(embedder, TEXTS, { signal: controller.signal })
      await after(50)
      controller.abort()
      return [{ promise, outcome: 'abort' }, bench.call(embedder, TEXTS, 'value')]
    },
  },
]

/** Disposes after a wait and expects every call, before and after, to say so. */
function disposes(waitMs: number, untilWorkers = 1): FaultCell['run'] {
  return async (bench) => {
    const embedder = await bench.load()
    const calls = [bench.call(embedder, TEXTS, 'disposed'), bench.call(embedder, TEXTS, 'disposed', { batchSize: 1 })]
    await after(waitMs)
    await bench.untilWorkers(untilWorkers)
    await Promise.all([embedder.dispose(), embedder.dispose()])
    return [...calls, bench.call(embedder, TEXTS, 'disposed'), { promise: embedder.tokenize('a'), outcome: 'disposed' }]
  }
}

const DISPOSE_CELLS: readonly FaultCell[] = [
  { name: 'dispose in the queue', plans: ['delay=200'], run: disposes(0) },
  { name: 'dispose during a run', plans: ['delay=300'], run: disposes(150) },
  { name: 'dispose during a hang', plans: ['run=block'], run: disposes(100) },
  { name: 'dispose while a worker is replaced', plans: ['run=throw'], run: disposes(0, 2) },
]

const CALLER_CELLS: readonly FaultCell[] = [
  {
    name: '50 callers',
    plans: [''],
    run: async (bench) => callers(bench, await bench.load(), () => 'value'),
  },
  {
    name: '50 callers and a crash',
    plans: once('uncaught'),
    run: async (bench) => callers(bench, await bench.load(), () => 'value'),
  },
  { name: '50 callers, one text that never runs', plans: ['run=throw&tokens=TOKENS'], run: poisoned('run-failed') },
  {
    name: '50 callers, one text that ends the worker',
    plans: ['run=uncaught&tokens=TOKENS'],
    run: poisoned('worker-crashed'),
  },
  {
    name: 'stream and a crash',
    plans: once('uncaught'),
    run: async (bench) => {
      const embedder = await bench.load()
      return [{ promise: bench.stream(embedder, TEXTS), outcome: 'value', expected: bench.expected }]
    },
  },
  {
    name: 'call after an idle time',
    plans: [''],
    load: { idleTimeoutMs: 100 },
    run: async (bench) => {
      const embedder = await bench.load()
      await after(300)
      if (embedder.report.isLoaded) throw new Error('The model was not unloaded')
      return [bench.call(embedder, TEXTS, 'value')]
    },
  },
]

/** A list for two workers and many callers, while one worker fails. */
function shares(outcome: Outcome = 'value'): FaultCell['run'] {
  return async (bench) => {
    const embedder = await bench.load({ workers: 2 })
    const bulk = bench.call(embedder, BULK, outcome)
    const calls = callers(bench, embedder, () => outcome)
    await bench.untilWorkers(2)
    return [bulk, ...calls, bench.call(embedder, BULK.slice(0, 300), outcome)]
  }
}

/** Ends a list once two workers are at it. */
function endsShared(outcome: 'abort' | 'disposed'): FaultCell['run'] {
  return async (bench) => {
    const embedder = await bench.load({ workers: 2 })
    await embedder.encode(BULK)
    if (embedder.report.workers.running !== 2) throw new Error('There are no two workers')
    const controller = new AbortController()
    const bulk = bench.call(embedder, BULK, outcome, { signal: controller.signal })
    const query = bench.call(embedder, TEXTS.slice(0, 1), outcome === 'abort' ? 'value' : outcome)
    await after(20)
    if (outcome === 'abort') controller.abort()
    else await embedder.dispose()
    return [bulk, query, bench.call(embedder, BULK, outcome === 'abort' ? 'value' : outcome)]
  }
}

/** The first worker must leave something to the other one, which is loaded meanwhile. */
const SLOW = 'delay=30'

const POOL_CELLS: readonly FaultCell[] = (
  [
    { name: 'two workers, the first crashes', plans: once('uncaught'), run: shares() },
    { name: 'two workers, the first hangs', plans: once('block'), run: shares() },
    { name: 'two workers, the other crashes', plans: [SLOW, ...once('uncaught')], run: shares() },
    { name: 'two workers, the other hangs', plans: [SLOW, ...once('never')], run: shares() },
    { name: 'two workers, the other ends without a word', plans: [SLOW, ...once('close')], run: shares() },
    { name: 'two workers, the other gives NaN', plans: [SLOW, ...once('nan')], run: shares() },
    { name: 'two workers, both crash', plans: ['run=uncaught&count=1', ...once('uncaught')], run: shares() },
    { name: 'two workers, the other cannot be loaded', plans: [SLOW, 'load=session'], run: shares() },
    { name: 'two workers, abort of a shared list', plans: ['delay=50'], run: endsShared('abort') },
    { name: 'two workers, dispose with a shared list', plans: ['delay=50'], run: endsShared('disposed') },
  ] as const
).map((cell) => ({ ...cell, devices: ['wasm'] }))

/** Every fault; each is run on every device that can have it. */
export const FAULT_CELLS: readonly FaultCell[] = [
  ...RUN_CELLS,
  ...LOAD_CELLS,
  ...[...ABORT_CELLS, ...DISPOSE_CELLS, ...CALLER_CELLS].map((cell) => ({ ...cell, isSlowOnGpu: true })),
  ...POOL_CELLS,
]
