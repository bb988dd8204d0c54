import type { ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
import { readGoldenParaphrases, readGoldenUtil } from '@nestling/testing/algorithms'
import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { describe, expect, it } from 'vitest'
import { communityDetection } from './community-detection.js'
import { paraphraseMining } from './mine-sentences.js'
import { paraphraseMiningEmbeddings } from './paraphrase-mining.js'
import { semanticSearch } from './semantic-search.js'

const golden = readGoldenUtil()
const { corpus, queries } = golden

/** Half of the last digit that the golden file has, and what float32 sums in another order differ. */
const TOLERANCE = 0.5e-6 + 1e-6

function expectNear(actual: number | undefined, expected: number, where: string): void {
  expect(Math.abs((actual ?? NaN) - expected), where).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(expected)))
}

describe('semanticSearch()', () => {
  it.each(['cosine', 'dot'] as const)('finds what Python finds by %s', async (scoreFunction) => {
    const expected = golden.semanticSearch[`top5 ${scoreFunction}`]
    const found = await semanticSearch(queries, corpus, { topK: 5, scoreFunction })
    expect(found.map((hits) => hits.map(({ corpusId }) => corpusId))).toEqual(
      expected.map((hits) => hits.map(({ corpusId }) => corpusId)),
    )
    for (const [query, hits] of expected.entries()) {
      for (const [place, { score }] of hits.entries())
        expectNear(found[query]?.[place]?.score, score, `${query} ${place}`)
    }
  })

  it('finds the whole corpus where topK is larger', async () => {
    const found = await semanticSearch(queries, corpus, { topK: 1000 })
    expect(found.map(({ length }) => length)).toEqual(golden.semanticSearch['topK above corpus size'])
  })
})

function expectPairs(pairs: readonly ScoredPair[]): void {
  for (const [place, [score, i, j]] of golden.paraphraseMining.entries()) {
    expect([pairs[place]?.i, pairs[place]?.j], String(place)).toEqual([i, j])
    expectNear(pairs[place]?.score, score, String(place))
  }
}

describe('paraphraseMiningEmbeddings()', () => {
  it('finds the pairs that Python finds', async () => {
    const pairs = await paraphraseMiningEmbeddings(corpus)
    expectPairs(pairs)
    // Every pair of 60 rows is among the 100 nearest of its rows.
    expect(pairs).toHaveLength((60 * 59) / 2)
  })

  it.each(readGoldenParaphrases().map((mined) => [mined.name, mined] as const))(
    'keeps the pairs that Python keeps: %s',
    async (_, { rows, options, pairs }) => {
      const found = await paraphraseMiningEmbeddings(rows, options)
      const byIndices = (list: readonly ScoredPair[]): ScoredPair[] => list.toSorted((a, b) => a.i - b.i || a.j - b.j)
      const expected = byIndices(pairs.map(([score, i, j]) => ({ score, i, j })))
      expect(byIndices(found).map(({ i, j }) => [i, j])).toEqual(expected.map(({ i, j }) => [i, j]))
      for (const [place, { score }] of byIndices(found).entries()) {
        expectNear(score, expected[place]?.score ?? NaN, String(place))
      }
      const order = found.toSorted((a, b) => b.score - a.score || a.i - b.i || a.j - b.j)
      expect(found).toEqual(order)
    },
  )

  it('finds them in sentences, with a model', async () => {
    const sentences = Array.from({ length: corpus.count }, (_, row) => `d${row}`)
    const embedder = new GoldenEmbedder()
    expectPairs(await paraphraseMining(embedder, sentences, { topK: 50 }))
    const short = await paraphraseMining(embedder, sentences, { truncateDim: 4, maxPairs: 10 })
    expect(short[0]?.score).toBeCloseTo(1, 6)
    expect(embedder.calls.map(({ options }) => options.truncateDim)).toEqual([undefined, 4])
  })
})

describe('communityDetection()', () => {
  it.each([
    [0.75, 3],
    [0.9, 2],
    [0.6, 5],
  ])('finds the communities that Python finds above %f of at least %i', async (threshold, minCommunitySize) => {
    expect(await communityDetection(corpus, { threshold, minCommunitySize })).toEqual(
      golden.communityDetection[`threshold ${threshold} minCommunitySize ${minCommunitySize}`],
    )
  })
})
