import { parseCsv } from '@nestling/kit/text/parse-csv'
import { readScoredPairs, type ScoredPairs } from './scored-pairs.js'

/** What the worker answers. */
export type PairsAnswer = { readonly pairs: ScoredPairs } | { readonly message: string }

// A large file takes longer than a page may be held up.
addEventListener('message', ({ data }: MessageEvent<File>) => {
  void answer(data)
})

async function answer(file: Blob): Promise<void> {
  try {
    postMessage({ pairs: readScoredPairs(parseCsv(await file.text())) } satisfies PairsAnswer)
  } catch (error) {
    postMessage({ message: error instanceof Error ? error.message : String(error) } satisfies PairsAnswer)
  }
}
