/** One way to turn texts into vectors, as the benchmark sees it. */
export interface Contender {
  readonly name: string
  /** Gives the vectors of texts, `[texts, dim]` row-major. */
  readonly encode: (texts: readonly string[]) => Promise<Float32Array>
  /** Gives the vector of a query. */
  readonly encodeQuery: (text: string) => Promise<Float32Array>
}

/** What the benchmark needs of an embedder of nestling. */
export interface MeasuredEmbedder {
  encode(texts: readonly string[]): Promise<{ readonly data: Float32Array }>
  encodeQuery(text: string): Promise<{ readonly data: Float32Array }>
  readonly report: { readonly workers: { readonly running: number; readonly most: number } }
}

/**
 * Makes a contender of an embedder.
 *
 * @param name - What it is called in tables.
 */
export function embedderContender(name: string, embedder: MeasuredEmbedder): Contender {
  return {
    name,
    encode: async (texts) => (await embedder.encode(texts)).data,
    encodeQuery: async (text) => (await embedder.encodeQuery(text)).data,
  }
}

/** A call takes so long to see whether further workers are there. */
const LOOK_MS = 50

/** Workers that are not there by then are not waited for. */
const WORKERS_MS = 30_000

/**
 * Waits until all workers of an embedder run; the first long list starts them.
 *
 * @returns How many run.
 */
export async function allWorkers(embedder: MeasuredEmbedder): Promise<number> {
  const end = performance.now() + WORKERS_MS
  const { report } = embedder
  if (report.workers.most > 1) {
    while (embedder.report.workers.running < embedder.report.workers.most && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }
  return embedder.report.workers.running
}
