/** How much is measured. */
export interface BenchmarkSize {
  readonly shortCount: number
  readonly mixedCount: number
  readonly bulkRounds: number
  readonly queryRounds: number
  readonly queriesPerRound: number
  readonly coldStarts: number
}

/** Sizes by their name; `full` has the texts of `pnpm bench`. */
export const BENCHMARK_SIZES: Readonly<Record<'quick' | 'full', BenchmarkSize>> = {
  quick: { shortCount: 64, mixedCount: 40, bulkRounds: 2, queryRounds: 2, queriesPerRound: 10, coldStarts: 1 },
  full: { shortCount: 512, mixedCount: 500, bulkRounds: 3, queryRounds: 5, queriesPerRound: 20, coldStarts: 3 },
}
