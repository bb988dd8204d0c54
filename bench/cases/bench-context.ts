import type { Entry } from '../contest.js'
import type { Corpora } from '../measure/corpora.js'
import type { Spread } from '../measure/statistics.js'
import type { Table } from '../table.js'

/** Sizes of a case with many texts. */
export interface BulkScale {
  readonly coldTexts: number
  readonly rounds: number
}

/** Sizes of a run. */
export interface Scale {
  readonly shortCount: number
  readonly mixedCount: number
  readonly queryCount: number
  /** Texts of the first call after a load, and turns with all texts. */
  readonly short: BulkScale
  readonly mixed: BulkScale
  /** Whether all ways to call the peer are measured in float32 too where they take minutes. */
  readonly isThorough: boolean
  readonly queryRounds: number
  readonly queriesPerRound: number
  /** Measured visits. */
  readonly visits: number
}

/** What cases share. */
export interface BenchContext {
  /** Folder of the peer's model. */
  readonly peer: string
  readonly isolated: boolean
  readonly entries: readonly Entry[]
  readonly corpora: Corpora
  readonly scale: Scale
  /** Told what happens, for those who wait. */
  readonly onStep: (text: string) => void
}

/** What was measured, and where. */
export interface CaseResult {
  /** Letter of the case. */
  readonly id: string
  readonly title: string
  /** Whether pages were cross-origin isolated. */
  readonly isolated: boolean
  /** Measurements, one entry a line of the table. */
  readonly rows: readonly object[]
  readonly table: Table
}

/** Ratios to the peer by its dtype. */
export type Ratios = Partial<Readonly<Record<'q8' | 'fp32', Spread>>>
