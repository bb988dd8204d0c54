import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixturePath } from '@nestling/testing/disk'
import { startHubServer, type HubServer } from '@nestling/testing/hub'
import { hubModels } from '@nestling/testing/hub-models'
import { endProcessesAfterEach, outputOf, runModule } from '@nestling/testing/node-process'
import { SEED_MODEL_ID, seedModelRepo } from '@nestling/testing/seed-model'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const FOLDER = fixturePath('bert-mean-normalize', '').replace(/\/$/, '')

const cache = mkdtempSync(join(tmpdir(), 'nestling-processes-'))
let hub: HubServer
beforeAll(async () => {
  hub = await startHubServer({ ...hubModels(), [SEED_MODEL_ID]: seedModelRepo() })
})
endProcessesAfterEach()
afterAll(async () => {
  await hub.close()
  rmSync(cache, { recursive: true, force: true })
})

/** Runs code in a process of its own, which has `load` and the folder of a model. */
function run(code: string, folder = cache): ChildProcess {
  const given = `import { load } from 'nestling'
const FOLDER = ${JSON.stringify(FOLDER)}, HUB = { endpoint: ${JSON.stringify(hub.url)} }\n`
  return runModule(given + code, { cwd: join(import.meta.dirname, '../..'), cache: folder })
}

describe('a process', () => {
  it.each([
    ['after dispose()', 'await e.dispose()'],
    ['with an embedder that nobody uses any more', ''],
    ['with one that would unload its model some day', ''],
  ])('ends by itself %s', async (how, last) => {
    const options = how.includes('unload') ? '{ idleTimeoutMs: 1e9 }' : '{}'
    const code = `const e = await load(FOLDER, ${options}); console.log((await e.encode('a')).dim); ${last}`
    expect(await outputOf(run(code))).toBe('32')
  })

  it('lives until its calls are done', async () => {
    const code = `load(FOLDER).then((e) => {
      e.encode(Array.from({ length: 300 }, (_, i) => 'text ' + i), { batchSize: 1 }).then(({ shape }) => console.log(shape.join()))
      e.countTokens('a b').then(console.log)
    })`
    expect((await outputOf(run(code))).split('\n').sort()).toEqual(['300,32', '4'])
  })

  it('may have more threads than cores, and ends', async () => {
    const code = `const e = await load(FOLDER, { workers: 4 })
      const { data } = await e.encode(Array.from({ length: 2000 }, (_, i) => 'a text of some length with the number ' + i))
      console.log(data.length, e.report.workers.running > 1, e.report.sharesWeights)`
    expect(await outputOf(run(code))).toBe('64000 true true')
  })
})

describe('models of a hub', () => {
  const LOAD = `const e = await load('tiny/bert', HUB); console.log(e.report.cache.storage, e.report.cache.weights)`

  it('are stored for the next process', async () => {
    expect(await outputOf(run(LOAD))).toBe('files downloaded')
    const requests = hub.requests.length
    expect(await outputOf(run(LOAD))).toBe('files stored')
    expect(hub.requests).toHaveLength(requests)
    const list = `import { modelCache } from 'nestling'; console.log(...(await modelCache.list()).map(({ name }) => name))`
    expect(await outputOf(run(list))).toBe('tiny/bert')
  })

  it('are downloaded once by two processes at a time', async () => {
    const folder = join(cache, 'two')
    const before = hub.requests.length
    const outputs = await Promise.all([outputOf(run(LOAD, folder)), outputOf(run(LOAD, folder))])
    expect(outputs.sort()).toEqual(['files downloaded', 'files stored'])
    const paths = hub.requests
      .slice(before)
      .filter(({ host, path }) => host === 'storage' && path.endsWith('.safetensors'))
    expect(paths).toHaveLength(1)
  })

  it('go on where a process was killed, and are whole at the end', async () => {
    const folder = join(cache, 'killed')
    const id = JSON.stringify(SEED_MODEL_ID)
    const child = run(
      `await load(${id}, { ...HUB, onProgress: ({ loadedBytes = 0 }) => loadedBytes > 40e6 && console.log('now') })`,
      folder,
    )
    await once(child.stdout ?? child, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const before = hub.requests.length
    const code = `const e = await load(${id}, { ...HUB, verify: 'off' })
      console.log(e.report.cache.weights, (await e.encode('a')).dim)`
    expect(await outputOf(run(code, folder))).toBe('downloaded 768')
    const ranges = hub.requests
      .slice(before)
      .flatMap(({ range, path }) => (path.includes('safetensors') ? [range] : []))
    expect(ranges.some((range) => /^bytes=[1-9]\d+-$/.test(range ?? ''))).toBe(true)
  })
})

describe('embeddings', () => {
  const texts = `Array.from({ length: 400 }, (_, i) => 'text number ' + i)`
  const ENCODE = `const e = await load(FOLDER, { cache: { embeddings: true } })
    await e.encode(${texts}); const { hits, storedVectors } = (await e.stats()).embeddings
    console.log(hits, storedVectors); await e.dispose()`

  it('of one process are found by the next, and those of two at a time are all there', async () => {
    const folder = join(cache, 'kept')
    for (const output of await Promise.all([outputOf(run(ENCODE, folder)), outputOf(run(ENCODE, folder))])) {
      expect(output).toMatch(/^\d+ \d+$/)
    }
    expect(await outputOf(run(ENCODE, folder))).toBe('400 400')
  })

  it('that a killed process has written are whole', async () => {
    const folder = join(cache, 'killed-embeddings')
    const endless = `const e = await load(FOLDER, { cache: { embeddings: true } })
      for (let round = 0; ; round++) {
        await e.encode(Array.from({ length: 300 }, (_, i) => 'text number ' + (i + 100 * round)))
        console.log(round)
      }`
    for (const delayMs of [0, 300, 900]) {
      const child = run(endless, folder)
      await once(child.stdout ?? child, 'data')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const check = `import { embeddingCache } from 'nestling'
      const e = await load(FOLDER, { cache: { embeddings: true } }), plain = await load(FOLDER, { cache: false })
      const texts = ${texts}, [kept, made] = [await e.encode(texts), await plain.encode(texts)]
      console.log(kept.data.every((value, index) => value === made.data[index]), (await e.stats()).embeddings.hits > 0)`
    expect(await outputOf(run(check, folder))).toBe('true true')
  })
})
