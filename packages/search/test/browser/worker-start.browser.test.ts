import { createIndex, type CreateIndexOptions } from '@nestling/search'
import { EmbedderError } from 'nestling'
import { describe, expect, it } from 'vitest'

async function failureOf(worker: CreateIndexOptions['worker']): Promise<EmbedderError> {
  const error: unknown = await createIndex({ worker }).then(
    () => 'an index',
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(EmbedderError)
  expect((error as EmbedderError).message).not.toContain('undefined')
  return error as EmbedderError
}

function scriptUrl(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
}

describe('a search worker that does not start', () => {
  it('says what is at its URL', async () => {
    const { code, message, details } = await failureOf('/fixtures/nothing.js')
    const url = `${location.origin}/fixtures/nothing.js`
    expect(code).toBe('worker-crashed')
    expect(details).toMatchObject({ reason: 'missing', status: 404, url })
    expect(message).toContain(url)
    expect(message).toContain('the option worker')
    expect((await failureOf('/fixtures/bert-mean-normalize/config.json')).details).toMatchObject({
      reason: 'no-javascript',
      contentType: 'application/json; charset=utf-8',
    })
  })

  it('says what its script threw', async () => {
    const { details, message } = await failureOf(scriptUrl('throw new Error("from the start")'))
    expect(details).toMatchObject({ reason: 'threw' })
    expect(message).toContain('from the start')
  })

  it('is ended where it is silent, also one that the caller started', async () => {
    const silent = scriptUrl('setInterval(() => undefined, 100)')
    const workers: Worker[] = []
    const start = (): Worker => {
      const worker = new Worker(silent)
      workers.push(worker)
      return worker
    }
    const failures = await Promise.all([failureOf(silent), failureOf(start)])
    expect(failures.map(({ code }) => code)).toEqual(['worker-unresponsive', 'worker-unresponsive'])
    expect(failures.map(({ details }) => details['url'])).toEqual([silent, null])
    expect(workers).toHaveLength(1)
  })

  it('is called by its name where it is that of nestling', async () => {
    const { code, message, details } = await failureOf('/nestling-dist/worker.js')
    expect(code).toBe('environment-unsupported')
    expect(details).toMatchObject({ reason: 'other-script' })
    expect(message).toMatch(/the worker of nestling@\d+\.\d+\.\d+ in the place of @nestling\/search@/)
  })

  it('is refused where the function gives none', async () => {
    await expect(createIndex({ worker: () => 'worker.js' as unknown as Worker })).rejects.toThrow(/must give a Worker/)
  })
})
