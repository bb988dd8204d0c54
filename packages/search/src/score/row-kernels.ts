/* eslint max-params: ['error', 8] -- a kernel takes numbers: to pack them into memory would cost more than the call. */
/** The kernels of `kernels/`: addresses are bytes of the memory that they were made with. */
export interface Kernels {
  /** Scores consecutive rows of float32: `scores[i] = scales[i] * (query . row i)`; lengths are multiples of 4. */
  dotFloat32: DotRows
  /** Scores consecutive rows of int8 by a query of int16; lengths are multiples of 16. */
  dotInt8: DotRows
  /** Scores rows of float32 that lie anywhere. */
  dotFloat32At: DotPlaces
  /** Scores rows of int8 that lie anywhere. */
  dotInt8At: DotPlaces
  /** Scores rows of few bits by tables: `scores[i] = scales[i] * sum`, for whole groups of 16 rows. */
  dotNibbles: (
    tables: number,
    groups: number,
    groupBytes: number,
    columns: number,
    scales: number,
    count: number,
    scores: number,
  ) => void
  /** Scores rows of few bits that lie anywhere. */
  dotNibblesAt: (tables: number, places: number, columns: number, count: number, scores: number) => void
}

type DotRows = (
  query: number,
  heads: number,
  headLength: number,
  tails: number,
  tailLength: number,
  scales: number,
  count: number,
  scores: number,
) => void

type DotPlaces = (
  query: number,
  places: number,
  headLength: number,
  tailLength: number,
  count: number,
  scores: number,
) => void

/**
 * Starts the kernels in a memory. A module of a few kB starts at once, so nobody has to wait for it.
 *
 * @param module - The kernels, compiled.
 * @param memory - Where rows and queries are.
 */
export function startKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels
}
