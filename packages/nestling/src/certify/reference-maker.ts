import { REFERENCE_TEXTS, REFERENCE_TEXTS_VERSION } from './reference-texts.js'
import type { ReferenceVectors } from './reference-vectors.js'
import { toBatch } from '../encode/to-batch.js'
import type { Engine } from '../engine/engine.js'
import type { VerdictStore } from './verdict-store.js'
import type { StartedModel } from './running-model.js'

/**
 * Starts the model on WASM, with the numbers of a given dtype: ONNX files hold one, and any other file would be another model.
 *
 * @returns The engine; whoever asked for it disposes it.
 */
export type StartReference = (dtype: Engine['dtype']) => Promise<Engine>

/** Makes vectors to compare with, once for each model, where a package has none. */
export class ReferenceMaker {
  /** Tells these vectors from others. */
  static readonly id: string = `reference ${REFERENCE_TEXTS_VERSION}`
  readonly #store: VerdictStore
  readonly #start: StartReference
  #made: Promise<ReferenceVectors | string> | undefined

  /**
   * Prepares; nothing is loaded yet.
   *
   * @param store - Remembers the vectors.
   * @param start - Starts the model on WASM.
   */
  constructor(store: VerdictStore, start: StartReference) {
    this.#store = store
    this.#start = start
  }

  /**
   * Gives the vectors.
   *
   * @param model - The model, on another engine.
   * @returns The vectors, or why they could not be made: that is no reason not to load a model.
   */
  make(model: StartedModel): Promise<ReferenceVectors | string> {
    this.#made ??= this.#make(model)
    return this.#made
  }

  async #make({ tokenizer, spec, spaceId, engine }: StartedModel): Promise<ReferenceVectors | string> {
    const { dim } = spec
    const texts = REFERENCE_TEXTS
    const encodings = texts.map((text) => tokenizer.encode(text))
    const key = `${spaceId} ${ReferenceMaker.id}`
    const stored = await this.#store.reference(key)
    if (stored?.dim === dim && stored.vectors.length === texts.length * dim) {
      return { source: 'reference', texts, encodings, dim, vectors: stored.vectors }
    }
    try {
      const vectors = new Float32Array(texts.length * dim)
      const wasm = await this.#start(engine.dtype === 'fp16' && engine.name === 'onnx' ? 'fp32' : engine.dtype)
      try {
        for (const [index, encoding] of encodings.entries()) {
          vectors.set(await wasm.run(toBatch([encoding], tokenizer.paddingId, 0)), index * dim)
        }
      } finally {
        await wasm.dispose()
      }
      await this.#store.rememberReference(key, { dim, vectors })
      return { source: 'reference', texts, encodings, dim, vectors }
    } catch (error) {
      return `float32 on WASM could not be had to compare with: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}
