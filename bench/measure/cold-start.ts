import type { Contender } from './contender.js'

/** How long a page took to its first vector. */
export interface ColdStart {
  /** Milliseconds from the start of the navigation to the start of the load: HTML and script. */
  readonly scriptMs: number
  /** Milliseconds from the start of the navigation until the model was loaded. */
  readonly loadedMs: number
  /** Milliseconds from the start of the navigation until the first vector was there. */
  readonly vectorMs: number
}

/**
 * Measures a page's way to its first vector. Call it once, in a fresh document: a tab, or an `iframe` of a page that measures.
 *
 * @param load - Loads the model.
 * @param text - What is encoded.
 * @returns Times of the document's clock, which starts with its navigation.
 */
export async function measureColdStart(load: () => Promise<Contender>, text: string): Promise<ColdStart> {
  const scriptMs = performance.now()
  const contender = await load()
  const loadedMs = performance.now()
  await contender.encodeQuery(text)
  return { scriptMs, loadedMs, vectorMs: performance.now() }
}
