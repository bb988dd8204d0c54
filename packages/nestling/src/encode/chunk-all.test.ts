import { readFixtureJson } from '@nestling/testing/disk'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from '../tokenize/tokenizer.js'
import { chunkAll } from './chunk-all.js'

const json = readFixtureJson('bert-mean-normalize', 'tokenizer.json')
const tokenizer = new Tokenizer(json, {}, { maxLength: 64, doLowerCase: false })
const OPTIONS = { maxTokens: 6, overlapTokens: 0, prompt: '' }

describe('chunkAll()', () => {
  it('gives the chunks of each text', async () => {
    const texts = ['the children', '', 'the children went away the children went away']
    const chunks = await chunkAll(tokenizer, texts, OPTIONS, () => Promise.resolve())
    expect(chunks[0]).toEqual([{ start: 0, end: 12, tokenCount: tokenizer.encode('the children').tokenCount }])
    expect(chunks[1]).toEqual([{ start: 0, end: 0, tokenCount: 2 }])
    expect(chunks[2]?.length).toBeGreaterThan(1)
    expect(chunks).toHaveLength(3)
  })

  it('pauses inside of a long text, where a cancel ends it', async () => {
    const long = 'the children went away '.repeat(500)
    let pauses = 0
    const run = chunkAll(tokenizer, ['the', long], OPTIONS, () => {
      if (++pauses === 3) throw new Error('Cancelled')
      return Promise.resolve()
    })
    await expect(run).rejects.toThrow('Cancelled')
    expect(pauses).toBe(3)
  })
})
