import { importBundle } from '@nestling/kit/worker/import-bundle'
import { EmbedderError } from '../../wire/embedder-error.js'

/** Methods that all answer with a promise, so that their code may come later. */
type AsyncMethods<T> = { readonly [K in keyof T]: (...parameters: never[]) => Promise<unknown> }

/**
 * Makes an object whose methods load their code when the first of them is called: most pages never call one.
 *
 * @param load - Imports the object that has them; the literal of `import()` has to stand where it is used, so that bundlers see it.
 */
export function lazyCalls<T extends AsyncMethods<T>>(names: readonly (keyof T & string)[], load: () => Promise<T>): T {
  const methods = names.map((name) => [
    name,
    async (...parameters: never[]) => (await importBundle(load, EmbedderError))[name](...parameters),
  ])
  return Object.fromEntries(methods) as T
}
