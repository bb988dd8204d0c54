import { expect } from 'vitest'
import type { HostNews, KeptHost } from '../host/kept-host.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { EncodeRequest, HostApi, LoadedModel } from '../wire/protocol.js'

const MODEL = {
  spaceId: 'space',
  engine: 'kernels',
  runtime: 'simd',
  dtype: 'q8',
  maxSeqLength: 8,
  probe: { hardwareConcurrency: 2, memoryTier: 'high' },
} as unknown as LoadedModel

/** A host that does nothing by itself: a test says what it tells, and when. */
export class FakeHost implements KeptHost {
  model: LoadedModel = MODEL
  restarts = 0
  isReady: boolean
  /** Requests since it was last started. */
  requests: EncodeRequest[] = []
  /** All requests that it ever had. */
  readonly all: EncodeRequest[] = []
  readonly cancelled: number[] = []
  starts = 0
  /** Devices below the one that it is on. */
  lowerDevices = 0
  disposed: unknown
  #tell: (news: HostNews) => void = () => undefined
  #rejectCalls = new Set<(error: unknown) => void>()

  constructor(isReady = true) {
    this.isReady = isReady
  }

  get size(): number {
    return this.requests.length
  }

  listen(onNews: (news: HostNews) => void): void {
    this.#tell = onNews
  }

  start(): void {
    this.starts++
  }

  stop(): void {
    this.isReady = false
    this.requests = []
    for (const reject of this.#rejectCalls) reject('ended')
  }

  lowerDevice(): boolean {
    return this.lowerDevices-- > 0
  }

  encode(request: EncodeRequest): Promise<void> {
    expect(this.isReady).toBe(true)
    this.requests.push(request)
    this.all.push(request)
    return Promise.resolve()
  }

  call<T>(run: (host: HostApi) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#rejectCalls.add(reject)
      run({ stats: () => Promise.resolve(this.starts) } as unknown as HostApi).then(resolve, reject)
    })
  }

  cancel(ids: readonly number[]): void {
    this.cancelled.push(...ids)
    this.requests = this.requests.filter(({ id }) => !ids.includes(id))
  }

  dispose(reason: unknown): Promise<void> {
    this.disposed = reason
    this.isReady = false
    return Promise.resolve()
  }

  tell(news: HostNews): void {
    this.#tell(news)
  }

  /** The load that was asked for ends. */
  ready(): void {
    this.isReady = true
    this.tell({ kind: 'ready' })
  }

  lose(): void {
    this.stop()
    this.tell({ kind: 'lost', error: new EmbedderError('worker-crashed', 'lost') })
  }

  /** It is lost, and starts again at once. */
  replace(): void {
    this.lose()
    this.ready()
  }

  /** Gives rows for some texts of a request, by default for all of the oldest one. */
  answer(
    request: EncodeRequest | undefined = this.requests[0],
    indices: readonly number[] = request?.texts.map((_, index) => index) ?? [],
  ): void {
    if (request === undefined) return
    const texts = indices.map((index) => request.texts[index] ?? '')
    const rows = {
      id: request.id,
      indices: Int32Array.from(indices),
      data: Float32Array.from(texts.flatMap(vectorOf)),
      tokenCounts: Int32Array.from(texts, ({ length }) => length),
    }
    if (indices.length === request.texts.length) this.requests = this.requests.filter((other) => other !== request)
    this.tell({ kind: 'rows', rows: [rows] })
  }

  fail(code: 'run-failed' | 'model-invalid', request: EncodeRequest | undefined = this.requests[0]): void {
    this.tell({ kind: 'failed', id: request?.id ?? -1, error: new EmbedderError(code, 'failed') })
  }
}

/** What a fake host says of a text: the number that it begins with, and its length. */
export function vectorOf(text: string): [number, number] {
  return [Number(text.split(' ')[0]), text.length]
}
