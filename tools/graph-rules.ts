/** One broken rule. */
export interface Violation {
  /** Path below the source folder, with `/`. */
  readonly file: string
  /** Line of the import, from 1. */
  readonly line: number
  /** What is wrong, in words. */
  readonly rule: string
}

/** An import of a source. */
export interface Import {
  /** Path of the source below its folder. */
  readonly file: string
  /** Its line, from 1. */
  readonly line: number
  /** What is imported. */
  readonly specifier: string
  /** Vanishes from the JavaScript. */
  readonly isType: boolean
  /** Is an `import()`. */
  readonly isLazy: boolean
}

/** What one package allows. */
export interface GraphRules {
  /** Which folders each folder may import; its own is always allowed. */
  readonly allowed: Readonly<Record<string, readonly string[]>>
  /** Where `import type` may come from any folder. */
  readonly typesFromAnywhere: string
  /** Rules for imports of other packages. */
  readonly checkExternal: (found: Import) => Violation | undefined
}
