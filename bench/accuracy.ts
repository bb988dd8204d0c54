import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AccuracyRequest, AccuracyRow } from './page/accuracy.js'
import { parseCsv } from '@nestling/kit/text/parse-csv'
import { runInPage } from './run-page.js'

const ROOT = join(import.meta.dirname, '..')
const DIMS = [384, 256, 128, 64, 32, 16]

/** What int8 may cost in Spearman's correlation, and how near its vectors must be to float32 in the mean. */
const ALLOWED_LOSS = 0.002
const ALLOWED_LOSS_SMALLEST = 0.004
const LEAST_MEAN_COSINE = 0.995

/** How accuracy is measured. */
export interface AccuracyOptions {
  /** Sentence pairs: sentence1, sentence2, score, without a header. */
  readonly csv: string
  /** Folder of the float32 model. */
  readonly float32: string
}

/** The result of a run. */
export interface AccuracyBench {
  readonly browser: string
  readonly rows: readonly AccuracyRow[]
  readonly failures: readonly string[]
}

/**
 * Measures what int8 costs the default model.
 *
 * @param options - Sentences and the float32 model.
 * @returns The measurements, and where they are beyond their bounds.
 * @throws {Error} If a file is missing.
 */
export async function benchAccuracy({ csv, float32 }: AccuracyOptions): Promise<AccuracyBench> {
  for (const path of [csv, float32]) if (!existsSync(path)) throw new Error(`${path} is missing`)
  const request: AccuracyRequest = {
    library: '/dist/index.js',
    quantized: '/model/',
    float32: '/float32/',
    pairs: parseCsv(readFileSync(csv, 'utf8')).map(([a = '', b = '', score]) => [a, b, Number(score)]),
    dims: DIMS,
  }
  const roots = {
    '/dist': join(ROOT, 'packages/nestling/dist'),
    '/model': join(ROOT, 'packages/minilm-l6/model'),
    '/float32': float32,
  }
  const call = { module: 'accuracy', name: 'compareAccuracy', request, roots }
  const { result: rows, browser } = await runInPage<AccuracyRow[]>(call)
  return { browser, rows, failures: rows.flatMap(failuresOf) }
}

function failuresOf({ dim, quantized, float32, meanCosine }: AccuracyRow): string[] {
  const allowed = dim === Math.min(...DIMS) ? ALLOWED_LOSS_SMALLEST : ALLOWED_LOSS
  const failures: string[] = []
  if (!(float32 - quantized <= allowed)) failures.push(`dim ${dim}: it costs more than ${allowed}`)
  if (!(meanCosine >= LEAST_MEAN_COSINE)) failures.push(`dim ${dim}: the mean cosine is below ${LEAST_MEAN_COSINE}`)
  return failures
}

/**
 * Writes measurements for people.
 *
 * @returns Lines of text.
 */
export function accuracyTable({ browser, rows, failures }: AccuracyBench): string {
  const lines = rows.map(({ dim, quantized, float32, meanCosine, lowestCosine }) =>
    [
      String(dim).padStart(4),
      quantized.toFixed(4).padStart(7),
      float32.toFixed(4).padStart(8),
      (quantized - float32).toFixed(4).padStart(8),
      meanCosine.toFixed(5).padStart(12),
      lowestCosine.toFixed(4).padStart(14),
    ].join('  '),
  )
  const head = ' dim     int8   float32      cost   mean cosine   lowest cosine'
  const verdict = failures.length === 0 ? 'within bounds' : failures.join('\n')
  return [`The default model in int8 on our kernels, Chromium ${browser}`, '', head, ...lines, verdict].join('\n')
}
