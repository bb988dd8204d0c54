import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFixtureJson } from './disk.ts'

/** A config, and the frequencies that transformers computes from it. */
export interface RotaryFixture {
  readonly name: string
  /** Name of the tiny model whose config it is. */
  readonly model: string
  /** Values of config.json. */
  readonly config: Readonly<Record<string, unknown>>
  /** A row for each rotary embedding; `undefined` where Python refuses the config. */
  readonly frequencies: readonly (readonly number[])[] | undefined
  /** What multiplies cosines and sines of each. */
  readonly attentionFactors: readonly number[]
}

interface Case {
  readonly of: string
  readonly config: Readonly<Record<string, unknown>>
}

const FOLDER = join(import.meta.dirname, '../fixtures/rotary')

/** Reads configs with rotary embeddings and what Python makes of them. */
export function rotaryFixtures(): RotaryFixture[] {
  const cases = read('cases.json') as Readonly<Record<string, Case>>
  const golden = read('golden.json') as {
    readonly cases: Readonly<Record<string, Partial<Pick<RotaryFixture, 'frequencies' | 'attentionFactors'>>>>
  }
  return Object.entries(cases).map(([name, { of, config }]) => {
    const { frequencies, attentionFactors = [] } = golden.cases[name] ?? {}
    const original = readFixtureJson(of, 'config.json') as object
    return { name, model: of, config: { ...original, ...config }, frequencies, attentionFactors }
  })
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
}
