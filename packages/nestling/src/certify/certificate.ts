import type { Engine } from '../engine/engine.js'
import type { Verification } from '../wire/load-report.js'
import { longestWithin, planCertificate } from './certificate-plan.js'
import type { Thresholds } from './certificate-thresholds.js'
import { VectorComparison } from './compare-vectors.js'
import type { ReferenceVectors } from './reference-vectors.js'
import { toBatch } from '../encode/to-batch.js'

/** What a certificate is made with. */
export interface CertificateOptions {
  readonly engine: Engine
  readonly reference: ReferenceVectors
  readonly thresholds: Thresholds
  /** Dims beside the full one, those beyond it left out. */
  readonly nestedDims: readonly number[]
  readonly paddingId: number
  readonly isFallbackAdapter: boolean
  /** Milliseconds that the load took so far. */
  readonly loadMs: number
}

/** What came of it. */
export interface Certificate {
  readonly verification: Verification
  /** Padded lengths that were run: kernels for these are compiled. */
  readonly seqLengths: readonly number[]
}

/** A certificate may cost this much, or this share of the load so far, whichever is more. */
const BUDGET_MS = 300
const BUDGET_SHARE = 0.15

/** On a CPU that plays a GPU a token takes about 78 ms (MiniLM on SwiftShader), so there tokens are counted, padding included. */
const FALLBACK_TOKENS = 64

/** Longer texts take more a token than short ones, as attention grows with the square. */
const SAFETY = 0.7

/**
 * Runs a few texts whose vectors are known, and compares: a padded batch with another script, and the longest text that the budget
 * allows; off fallback adapters a short text alone as well, which tells how fast the engine is. The first run is also the warm-up.
 *
 * @param options - Engine, known vectors and limits.
 * @returns The verdict.
 * @throws {EmbedderError} What the engine throws.
 */
export async function certify(options: CertificateOptions): Promise<Certificate> {
  const { reference, isFallbackAdapter } = options
  const started = performance.now()
  const dims = dimsOf(reference.dim, options.nestedDims)
  const certifying = new Certifying(options, new VectorComparison(dims))
  const { batch, short } = planCertificate(reference)
  await certifying.run(batch)
  let tokens = FALLBACK_TOKENS - certifying.tokens
  if (!isFallbackAdapter) {
    const before = performance.now()
    const lengthBefore = certifying.tokens
    await certifying.run([short])
    const msPerToken = (performance.now() - before) / (certifying.tokens - lengthBefore)
    const budget = Math.max(BUDGET_MS, options.loadMs * BUDGET_SHARE)
    tokens = Math.floor(((budget - (performance.now() - started)) / msPerToken) * SAFETY)
  }
  const longest = longestWithin(reference, tokens, batch)
  if (longest !== undefined) await certifying.run([longest])
  return certifying.finish(dims, performance.now() - started)
}

/** What has been run so far. */
class Certifying {
  readonly #options: CertificateOptions
  readonly #comparison: VectorComparison
  readonly #seqLengths: number[] = []
  readonly #texts = new Set<number>()
  /** Tokens of all runs, padding included. */
  tokens = 0

  constructor(options: CertificateOptions, comparison: VectorComparison) {
    this.#options = options
    this.#comparison = comparison
  }

  async run(indices: readonly number[]): Promise<void> {
    const { engine, reference, paddingId } = this.#options
    const { dim, vectors, encodings } = reference
    const batch = toBatch(
      indices.map((index) => encodings[index] ?? { ids: new Int32Array() }),
      paddingId,
      0,
    )
    const rows = await engine.run(batch)
    this.tokens += batch.count * batch.seqLength
    this.#seqLengths.push(batch.seqLength)
    indices.forEach((index, row) => {
      this.#texts.add(index)
      const actual = rows.subarray(row * dim, (row + 1) * dim)
      this.#comparison.add(`text ${index}`, actual, vectors.subarray(index * dim, (index + 1) * dim))
    })
  }

  finish(dims: readonly number[], durationMs: number): Certificate {
    const { reference, thresholds } = this.#options
    const { minCosine, meanCosine } = this.#comparison
    const failure = this.#comparison.failure(thresholds)
    const known = reference.source === 'golden' ? 'the golden vectors' : 'float32 on WASM'
    const verification: Verification = {
      verified: failure === undefined,
      reason: failure ?? `${this.#texts.size} texts agree with ${known} at ${dims.length} dims`,
      source: reference.source,
      minCosine,
      meanCosine,
      dims,
      texts: this.#texts.size,
      durationMs,
      isRemembered: false,
    }
    return { verification, seqLengths: this.#seqLengths }
  }
}

function dimsOf(dim: number, nestedDims: readonly number[]): readonly number[] {
  const nested = nestedDims.filter((nestedDim) => nestedDim < dim)
  return [...new Set([dim, ...nested])].sort((a, b) => b - a)
}
