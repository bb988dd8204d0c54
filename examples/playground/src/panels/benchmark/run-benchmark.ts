import type { Embedder } from 'nestling'
import { measureBulk } from '../../../../../bench/measure/bulk.js'
import { allWorkers, embedderContender, type Contender } from '../../../../../bench/measure/contender.js'
import { createCorpora, type Corpora } from '../../../../../bench/measure/corpora.js'
import { pageSentences } from '../../../../../bench/measure/page-sentences.js'
import { measureQueries } from '../../../../../bench/measure/query.js'
import { spreadOf, type Spread } from '../../../../../bench/measure/statistics.js'
import book from '../../../../in-page-search/index.html?raw'
import type { BenchmarkSize } from './benchmark-size.js'
import { coldStartInFrame } from './cold-start.js'

/** What one case gave. */
export interface CaseResult {
  readonly name: string
  /** Texts of one measurement. */
  readonly texts: number
  /** Milliseconds of the first measurement after the load; `undefined` where that is not told apart. */
  readonly firstMs: number | undefined
  /** Milliseconds of the later ones. */
  readonly ms: Spread
  readonly rounds: number
}

/** What a benchmark is run with. */
export interface BenchmarkRequest {
  readonly embedder: Embedder
  readonly size: BenchmarkSize
  readonly signal: AbortSignal
  readonly onProgress: (text: string, share: number) => void
}

/** As in `pnpm bench`, so that texts are the same. */
const SEED = 1

const QUERY_COUNT = 100
/** Shorter lists stay in one worker. */
const LEAST_FOR_WORKERS = 256

/**
 * Measures bulk work, queries and cold starts, with the code of `pnpm bench`.
 *
 * @param request - A model that was not used yet, and how much is measured.
 * @returns One result a case.
 * @throws {Error} If a case fails. On an abort, the signal's reason.
 */
export async function runBenchmark(request: BenchmarkRequest): Promise<readonly CaseResult[]> {
  const { embedder, size, signal, onProgress } = request
  onProgress('Making the texts', 0)
  const corpora = await createCorpora({
    sentences: pageSentences(book),
    countTokens: (texts) => embedder.countTokens(texts),
    seed: SEED,
    shortCount: size.shortCount,
    mixedCount: size.mixedCount,
    queryCount: QUERY_COUNT,
  })
  const contender = abortable(embedderContender('nestling', embedder), signal)
  onProgress('Short queries, one after another', 0.05)
  const query = await queryCase(contender, corpora, size)
  onProgress(`${size.shortCount} short sentences`, 0.2)
  await startWorkers(embedder, corpora.short)
  const short = await bulkCase('Short sentences', corpora.short, { contender, request })
  onProgress(`${size.mixedCount} texts of 10 to 256 tokens`, 0.4)
  const mixed = await bulkCase('Mixed texts', corpora.mixed, { contender, request })
  const starts: number[] = []
  for (let round = 0; round < size.coldStarts; round++) {
    onProgress('Cold starts of the default model in a fresh document', 0.8 + (0.2 * round) / size.coldStarts)
    starts.push((await coldStartInFrame(signal)).vectorMs)
  }
  const cold = { name: 'Cold start', texts: 1, firstMs: undefined, ms: spreadOf(starts), rounds: starts.length }
  return [query, short, mixed, cold]
}

async function queryCase(contender: Contender, { queries }: Corpora, size: BenchmarkSize): Promise<CaseResult> {
  const { queryRounds: rounds, queriesPerRound: perRound } = size
  const [result] = await measureQueries([contender], { queries, rounds, perRound })
  const all = (result?.warmMs ?? []).flat()
  return { name: 'Short query', texts: 1, firstMs: result?.coldMs, ms: spreadOf(all), rounds: all.length }
}

async function bulkCase(
  name: string,
  texts: readonly string[],
  { contender, request }: { readonly contender: Contender; readonly request: BenchmarkRequest },
): Promise<CaseResult> {
  const { size, signal } = request
  // The model was used for queries already, so nothing here would be cold.
  const withoutCold = [contender.name]
  const [result] = await measureBulk([contender], { texts, coldTexts: 0, rounds: size.bulkRounds, withoutCold })
  signal.throwIfAborted()
  if (result === undefined || result.failure !== undefined) throw new Error(result?.failure ?? 'Nothing was measured')
  const { warmMs } = result
  return { name, texts: texts.length, firstMs: undefined, ms: spreadOf(warmMs), rounds: warmMs.length }
}

/** Lists that are worth it start the other workers; the first one is not measured. */
async function startWorkers(embedder: Embedder, texts: readonly string[]): Promise<void> {
  if (texts.length < LEAST_FOR_WORKERS) return
  await embedder.encode(texts)
  await allWorkers(embedder)
}

function abortable(contender: Contender, signal: AbortSignal): Contender {
  return {
    name: contender.name,
    encode: (texts) => {
      signal.throwIfAborted()
      return contender.encode(texts)
    },
    encodeQuery: (text) => {
      signal.throwIfAborted()
      return contender.encodeQuery(text)
    },
  }
}
