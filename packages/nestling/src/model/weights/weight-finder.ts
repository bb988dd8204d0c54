import { EmbedderError } from '../../wire/embedder-error.js'
import type { WeightRef } from '../encoder-spec.js'
import type { WeightFiles } from './read-weights.js'
import { readSafetensorsHeader, type TensorInfo } from './safetensors.js'

/** A tensor and the file that it lies in. */
interface PlacedTensor extends TensorInfo {
  readonly file: string
}

/**
 * Finds weights by name in one safetensors file or in all shards of one, under whichever prefix they are kept (`bert.`,
 * `roberta.`, none).
 */
export class WeightFinder {
  readonly #path: string
  readonly #tensors: ReadonlyMap<string, PlacedTensor>
  readonly #prefix: string
  /** The weight by which the others were found. */
  readonly anchor: string

  /**
   * Reads the headers.
   *
   * @param weights - The file, or all shards.
   * @param anchors - Names of a weight that must be there, several where it has had several; what stands before it in its full name
   * is the prefix of all.
   * @throws {EmbedderError} `model-invalid` if a file is broken or two hold the same tensor, `weights-missing` if the anchor is not in it.
   */
  constructor(weights: WeightFiles, ...anchors: readonly [string, ...string[]]) {
    this.#path = weights.path
    const tensors = this.#readHeaders(weights.files)
    const anchor = anchors.find((name) => tensors.has(name)) ?? anchors[0]
    this.anchor = anchor
    this.#tensors = tensors
    // The shortest match: a file may also hold a decoder or a head with a table of the same name.
    const [found] = [...tensors.keys()]
      .filter((name) => name === anchor || name.endsWith(`.${anchor}`))
      .sort((a, b) => a.length - b.length)
    if (found === undefined) throw this.#missing([anchor])
    this.#prefix = found.slice(0, found.length - anchor.length)
  }

  /**
   * Finds a weight and checks its shape.
   *
   * @param name - Name without prefix.
   * @param shape - The shape it must have.
   * @throws {EmbedderError} `weights-missing` if there is none, `model-invalid` if shape or dtype differ.
   */
  get(name: string, shape: readonly number[]): WeightRef {
    const weight = this.find(name, shape)
    if (weight === undefined) throw this.#missing([name])
    return weight
  }

  /**
   * Finds a weight that may be absent.
   *
   * @param name - Name without prefix.
   * @param shape - The shape it must have.
   * @returns Where it is, or `undefined`.
   * @throws {EmbedderError} `model-invalid` if shape or dtype differ from what is expected.
   */
  find(name: string, shape: readonly number[]): WeightRef | undefined {
    const fullName = this.#nameInFile(name)
    const tensor = this.#tensors.get(fullName)
    if (tensor === undefined) return undefined
    if (tensor.shape.join() !== shape.join()) {
      throw this.#invalid(
        `${fullName} must have the shape [${shape.join(', ')}]: current shape is [${tensor.shape.join(', ')}]`,
      )
    }
    return this.#toRef(name, fullName, tensor)
  }

  /**
   * Finds a matrix whose sizes only the file knows.
   *
   * @param name - Name without prefix.
   * @param limits - Largest sizes.
   * @param limits.rows - Most rows.
   * @param limits.columns - Most columns.
   * @throws {EmbedderError} `weights-missing` if there is none, `model-invalid` if it is no matrix within the limits.
   */
  matrix(name: string, limits: { readonly rows: number; readonly columns: number }): WeightRef {
    const fullName = this.#nameInFile(name)
    const tensor = this.#tensors.get(fullName)
    if (tensor === undefined) throw this.#missing([name])
    const [rows = 0, columns = 0] = tensor.shape
    const fits = rows >= 1 && rows <= limits.rows && columns >= 1 && columns <= limits.columns
    if (tensor.shape.length !== 2 || !fits) {
      throw this.#invalid(`${fullName} must be a matrix: current shape is [${tensor.shape.join(', ')}]`)
    }
    return this.#toRef(name, fullName, tensor)
  }

  /** Checkpoints from TensorFlow call the weight and bias of a norm gamma and beta. */
  #nameInFile(name: string): string {
    const current = this.#prefix + name
    if (this.#tensors.has(current)) return current
    const legacy = current.replace(/\bweight$/, 'gamma').replace(/\bbias$/, 'beta')
    return this.#tensors.has(legacy) ? legacy : current
  }

  #toRef(name: string, fullName: string, { file, offset, byteLength, dtype, shape }: PlacedTensor): WeightRef {
    const base = { name: fullName, file, offset, byteLength, shape }
    if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') return { ...base, dtype }
    if (dtype === 'I8') return { ...base, dtype, scale: this.get(`${name}_scale`, [shape[0] ?? 1, 1]) }
    throw new EmbedderError(
      'model-unsupported',
      `Cannot load ${this.#path} as ${fullName} must be F32, F16 or BF16, or I8 with ${name}_scale: current dtype is ${dtype}\nSave the model in float32`,
      { details: { path: this.#path, dtype } },
    )
  }

  #readHeaders(files: WeightFiles['files']): ReadonlyMap<string, PlacedTensor> {
    const tensors = new Map<string, PlacedTensor>()
    for (const [file, bytes] of files) {
      for (const [name, tensor] of readSafetensorsHeader(bytes, file).tensors) {
        const other = tensors.get(name)
        if (other !== undefined) throw this.#invalid(`${name} is in ${other.file} and in ${file}`)
        tensors.set(name, { ...tensor, file })
      }
    }
    return tensors
  }

  #missing(names: readonly string[]): EmbedderError {
    return new EmbedderError(
      'weights-missing',
      `Cannot load ${this.#path} as it lacks the weight ${names.join(', ')}\nCheck that the file belongs to the config.json beside it`,
      { details: { path: this.#path, weight: names.join(', ') } },
    )
  }

  #invalid(reason: string): EmbedderError {
    return new EmbedderError(
      'model-invalid',
      `Cannot load ${this.#path} as ${reason}\nCheck that the file belongs to the config.json beside it`,
      { details: { path: this.#path } },
    )
  }
}
