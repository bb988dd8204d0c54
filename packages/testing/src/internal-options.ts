/** What tests may change of a load, beside its options. */
export interface InternalOptions {
  /** Forces a WebGPU build of onnxruntime-web. */
  readonly runtime?: 'jspi' | 'asyncify'
  /** Milliseconds for which silence of a worker is borne. */
  readonly limits?: Partial<Readonly<Record<'helloMs' | 'runMs' | 'downloadMs' | 'compileMs', number>>>
}

/** Puts among the options of `load` what only tests have. */
export function withInternal<T extends object>(options: T, internal: InternalOptions): T {
  return { ...options, [Symbol.for('nestling.internal')]: internal }
}
