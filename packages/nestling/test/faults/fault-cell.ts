import type { Embedder, EncodeOptions, LoadOptions } from 'nestling'

/** How a cell must end: with the undisturbed vectors, an abort, or an error with a code. */
export type Outcome = 'value' | 'abort' | (string & {})

/** A call of a cell. */
export interface FaultCall {
  readonly promise: Promise<unknown>
  readonly outcome: Outcome
  /** What a value must be equal to, row-major. */
  readonly expected?: Float32Array
}

/** One fault, whatever the device. */
export interface FaultCell {
  readonly name: string
  /** Queries of the workers in the order in which they are started; the last one goes for all that follow. */
  readonly plans: readonly string[]
  readonly load?: LoadOptions
  /** Whether the model must be one whose vectors are never zero. */
  readonly needsNetwork?: boolean
  /** Devices that can have it; all when left out. */
  readonly devices?: readonly string[]
  /** Left to the slow lanes on WebGPU: callers and their queue are the same code on every device, and some faults take long there. */
  readonly isSlowOnGpu?: boolean
  /** Makes the calls. */
  readonly run: (bench: CellBench) => Promise<readonly FaultCall[]>
}

/** What an embedder is called with. */
export const TEXTS: readonly string[] = [
  'It is well.',
  "That's convenient.",
  'away from the children',
  'The river rises.',
]

/** A list that is worth several workers. */
export const BULK: readonly string[] = Array.from(
  { length: 400 },
  (_, index) => `The river rises ${index} times, and so do those who live beside it.`,
)

/** What a cell can do; `FaultBench` does it. */
export interface CellBench {
  /** Workers in the order in which they were started. */
  readonly workers: readonly Worker[]
  /** A text with a number of tokens that no other has. */
  readonly poison: string
  /** Undisturbed vectors of all texts. */
  readonly expected: Float32Array
  /** Loads the cell's model. */
  load(more?: LoadOptions): Promise<Embedder>
  /** Encodes some of {@link TEXTS}, or of {@link BULK}. */
  call(embedder: Embedder, texts: readonly string[], outcome: Outcome, options?: EncodeOptions): FaultCall
  /** Counts the tokens of {@link TEXTS}. */
  count(embedder: Embedder, texts: readonly string[]): FaultCall
  /** Encodes texts that come one by one. */
  stream(
    embedder: Embedder,
    texts: readonly string[],
    options?: EncodeOptions,
  ): Promise<{ readonly data: Float32Array }>
  /** Waits for so many workers. */
  untilWorkers(count: number): Promise<void>
}
