import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFixtureJson } from './disk.ts'

/** A tokenizer.json, and the ids that Python's tokenizers give for {@link tokenizerTexts}. */
export interface TokenizerFixture {
  readonly name: string
  readonly json: unknown
  readonly ids: readonly (readonly number[])[]
}

/** How a variant differs from the tokenizer.json of a tiny model. */
interface Variant {
  readonly of: string
  readonly normalizerOf?: string
  readonly parts?: Readonly<Record<string, unknown>>
  readonly model?: Readonly<Record<string, unknown>>
  readonly addedTokens?: readonly unknown[]
}

interface TokenizerJson {
  readonly normalizer: { readonly normalizers: readonly unknown[] }
  readonly model: Readonly<Record<string, unknown>>
  readonly added_tokens: readonly unknown[]
}

const FOLDER = join(import.meta.dirname, '../fixtures/tokenizers')

/**
 * Reads the texts that every tokenizer is tried with.
 *
 * @returns Groups of texts by what is hard about them.
 */
export function tokenizerTexts(): Readonly<Record<string, readonly string[]>> {
  return read('texts.json') as Record<string, string[]>
}

/**
 * Reads the tokenizers and what Python makes of the texts.
 *
 * @returns One fixture a tokenizer.
 */
export function tokenizerFixtures(): TokenizerFixture[] {
  const variants = read('variants.json') as Readonly<Record<string, Variant>>
  const { ids } = read('ids.json') as { readonly ids: Readonly<Record<string, number[][]>> }
  return Object.entries(ids).map(([name, rows]) => ({ name, ids: rows, json: build(variants[name] ?? { of: name }) }))
}

function build(variant: Variant): TokenizerJson {
  const json = { ...readTokenizer(variant.of), ...variant.parts }
  const { normalizerOf } = variant
  return {
    ...json,
    ...(normalizerOf === undefined
      ? {}
      : { normalizer: readTokenizer(normalizerOf).normalizer.normalizers[0] as never }),
    model: { ...json.model, ...variant.model },
    added_tokens: [...json.added_tokens, ...(variant.addedTokens ?? [])],
  }
}

function readTokenizer(model: string): TokenizerJson {
  return readFixtureJson(model, 'tokenizer.json') as TokenizerJson
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
}
