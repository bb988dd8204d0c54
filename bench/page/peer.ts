import type { Batching, PeerAnswer, PeerEncode, PeerLoad } from './peer-protocol.js'

/** transformers.js in a worker of its own. */
export class Peer {
  readonly #worker: Worker
  readonly #waiting = new Map<number, (answer: PeerAnswer) => void>()
  #lastId = 0

  private constructor(workerUrl: string) {
    this.#worker = new Worker(workerUrl, { type: 'module' })
    this.#worker.addEventListener('message', ({ data }: MessageEvent<PeerAnswer>) => {
      this.#waiting.get(data.id)?.(data)
      this.#waiting.delete(data.id)
    })
    this.#worker.addEventListener('error', ({ message }) => {
      for (const [id, settle] of this.#waiting) settle({ id, vectors: undefined, error: `worker: ${message}` })
      this.#waiting.clear()
    })
  }

  /**
   * Starts the worker and loads the model.
   *
   * @param workerUrl - The worker's script.
   */
  static async start(workerUrl: string, load: PeerLoad): Promise<Peer> {
    const peer = new Peer(workerUrl)
    await peer.#ask(load)
    return peer
  }

  /**
   * Encodes texts.
   *
   * @param batching - How they are cut into calls.
   * @returns Unit vectors, `[texts, dim]`.
   */
  async encode(texts: readonly string[], batching: Batching): Promise<Float32Array> {
    const { vectors } = await this.#ask({ kind: 'encode', texts, batching })
    return vectors ?? new Float32Array(0)
  }

  async #ask(work: PeerLoad | PeerEncode): Promise<PeerAnswer> {
    const id = ++this.#lastId
    const answered = new Promise<PeerAnswer>((resolve) => this.#waiting.set(id, resolve))
    this.#worker.postMessage({ id, work })
    const answer = await answered
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }
}
