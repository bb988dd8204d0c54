import { EmbedderError } from '../../wire/embedder-error.js'
import { parsePythonJson } from './python-json.js'

/**
 * Reads values of one JSON file of a model folder and checks each one, so that an absurd value is named where it stands and not
 * where it later breaks something.
 */
export class ConfigReader {
  /** Path in the folder. */
  readonly path: string
  /** The parsed object. */
  readonly values: Readonly<Record<string, unknown>>

  private constructor(path: string, values: Readonly<Record<string, unknown>>) {
    this.path = path
    this.values = values
  }

  /**
   * Parses a file that must hold a JSON object.
   *
   * @param path - Path in the folder.
   * @throws {EmbedderError} `model-invalid` if it is not a JSON object.
   */
  static parse(path: string, text: string): ConfigReader {
    return ConfigReader.of(path, parseJson(path, text))
  }

  /**
   * Reads a value that was parsed before.
   *
   * @param path - Path in the folder, for messages.
   * @param value - The value; it must be an object.
   * @returns A reader of the object.
   * @throws {EmbedderError} `model-invalid` if it is not an object.
   */
  static of(path: string, value: unknown): ConfigReader {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new EmbedderError('model-invalid', `Cannot read ${path} as it must be a JSON object`, { details: { path } })
    }
    return new ConfigReader(path, value as Record<string, unknown>)
  }

  /** Tells whether a key is there with a value other than `null`. */
  has(key: string): boolean {
    return this.values[key] !== undefined && this.values[key] !== null
  }

  /**
   * Picks the name under which a value is there, where a config has had several.
   *
   * @param names - The names, the present one first.
   * @returns The first that has a value, else the first.
   */
  nameOf(...names: [string, ...string[]]): string {
    return names.find((name) => this.has(name)) ?? names[0]
  }

  /**
   * Reads an integer.
   *
   * @param limits - Smallest and largest allowed value.
   * @param limits.min - Smallest.
   * @param limits.max - Largest; a bound that no real model reaches.
   * @param fallback - Taken when the key has no value; without it the key is needed.
   * @throws {EmbedderError} `model-invalid` if it is missing or out of range.
   */
  integer(key: string, limits: { min: number; max: number }, fallback?: number): number {
    const value = this.has(key) ? this.values[key] : fallback
    if (typeof value !== 'number' || !Number.isInteger(value) || value < limits.min || value > limits.max) {
      throw this.#invalid(key, `an integer from ${limits.min} to ${limits.max}`)
    }
    return value
  }

  /**
   * Reads a finite number that is not negative.
   *
   * @param fallback - Taken when the key has no value.
   * @throws {EmbedderError} `model-invalid` if it is something else.
   */
  number(key: string, fallback: number): number {
    const value = this.has(key) ? this.values[key] : fallback
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw this.#invalid(key, 'a finite number that is not negative')
    }
    return value
  }

  /**
   * Reads a length in tokens. Python writes "no limit" as `Infinity` or as an integer of thirty digits.
   *
   * @returns An integer from 1, or `Infinity`.
   * @throws {EmbedderError} `model-invalid` if it is missing or something else.
   */
  length(key: string): number {
    const value = this.values[key]
    if (typeof value !== 'number' || !(value >= 1) || !(Number.isInteger(value) || value === Infinity)) {
      throw this.#invalid(key, 'an integer from 1')
    }
    return value > Number.MAX_SAFE_INTEGER ? Infinity : value
  }

  /**
   * Reads a boolean.
   *
   * @param fallback - Taken when the key has no value.
   * @throws {EmbedderError} `model-invalid` if it is something else.
   */
  boolean(key: string, fallback: boolean): boolean {
    const value = this.has(key) ? this.values[key] : fallback
    if (typeof value !== 'boolean') throw this.#invalid(key, 'true or false')
    return value
  }

  /**
   * Reads a string.
   *
   * @param fallback - Taken when the key has no value; without it the key is needed.
   * @throws {EmbedderError} `model-invalid` if it is missing or something else.
   */
  string(key: string, fallback?: string): string {
    const value = this.has(key) ? this.values[key] : fallback
    if (typeof value !== 'string') throw this.#invalid(key, 'a string')
    return value
  }

  #invalid(key: string, expected: string): EmbedderError {
    return new EmbedderError(
      'model-invalid',
      `Cannot read ${this.path} as ${key} must be ${expected}: current value is ${shown(this.values[key])}`,
      { details: { path: this.path, key } },
    )
  }
}

/** JSON has no word for these numbers. */
function shown(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/**
 * Parses the text of a file of a model folder as Python does, which has `NaN` and `Infinity` too.
 *
 * @param path - Path in the folder, for messages.
 * @returns The JSON value.
 * @throws {EmbedderError} `model-invalid` if it is not JSON; the message names the place.
 */
export function parseJson(path: string, text: string): unknown {
  try {
    return parsePythonJson(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EmbedderError(
      'model-invalid',
      `Cannot read ${path} as it is not JSON: ${reason}\nDownload or write the file again`,
      { cause, details: { path } },
    )
  }
}
