/** An option of a command: what it takes and what the help says. */
export type OptionSpec = SwitchSpec | TextSpec | CountSpec

interface Described {
  /** What it does, for the help. */
  readonly about: string
  /** One letter that stands for it. */
  readonly short?: string
}

/** Is there or is not. */
export interface SwitchSpec extends Described {
  readonly type: 'boolean'
}

/** Takes a text. */
export interface TextSpec extends Described {
  readonly type: 'string'
  /** What the help calls the text. */
  readonly value: string
  /** The only texts it takes. */
  readonly choices?: readonly string[]
  /** Whether it may be given several times. */
  readonly isList?: boolean
}

/** Takes a positive integer. */
export interface CountSpec extends Described {
  readonly type: 'count'
  /** What the help calls the number. */
  readonly value: string
}

/** Options of a command by their names, without the dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** What a command gets of its options. */
export type ValuesOf<O extends OptionSpecs> = { readonly [K in keyof O]: ValueOf<O[K]> }

type ValueOf<S extends OptionSpec> = S extends SwitchSpec
  ? boolean
  : S extends CountSpec
    ? number | undefined
    : S extends { readonly isList: true }
      ? readonly string[]
      : S extends { readonly choices: readonly (infer C)[] }
        ? C | undefined
        : string | undefined

/** Any value that an option can have. */
export type AnyValue = boolean | number | string | readonly string[] | undefined
