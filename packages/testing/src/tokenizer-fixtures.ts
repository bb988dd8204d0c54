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

/** Reads the tokenizers and what Python makes of the texts. */
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

/** Files of a folder's tokenizer by name, parsed, with config.json, and the ids that transformers gives for {@link classTexts}. */
export interface ClassFixture {
  readonly name: string
  /** Name of the tiny model whose other files go with them. */
  readonly model: string
  readonly files: Readonly<Record<string, unknown>>
  /** `undefined` where Python fails. */
  readonly ids: readonly (readonly number[])[] | undefined
}

interface ClassCase {
  readonly of: string
  readonly config?: object
  readonly parts?: object
  readonly addedTokens?: readonly unknown[]
  readonly kwargs?: object
  readonly [file: `${string}.json`]: unknown
}

interface ClassCases {
  readonly texts: readonly string[]
  readonly cases: Readonly<Record<string, ClassCase>>
}

/** Reads the texts of {@link classFixtures}. */
export function classTexts(): readonly string[] {
  return (read('classes.json') as ClassCases).texts
}

/** Reads folders whose files say different things of the tokenizer, and what AutoTokenizer makes of them. */
export function classFixtures(): ClassFixture[] {
  const { cases: ids } = read('class-ids.json') as { readonly cases: Readonly<Record<string, { ids?: number[][] }>> }
  return Object.entries((read('classes.json') as ClassCases).cases).map(([name, each]) => {
    const { of, config = {}, parts = {}, addedTokens = [], kwargs, ...files } = each
    const json = readTokenizer(of)
    const tokenizer = { ...json, added_tokens: [...json.added_tokens, ...addedTokens], ...parts }
    const sentence = kwargs && { 'sentence_bert_config.json': { max_seq_length: 512, processor_kwargs: kwargs } }
    const model = { ...(readFixtureJson(of, 'config.json') as object), ...config }
    return {
      name,
      model: of,
      files: { 'tokenizer.json': tokenizer, 'config.json': model, ...files, ...sentence },
      ids: ids[name]?.ids,
    }
  })
}
