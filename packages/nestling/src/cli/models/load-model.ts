import type { Embedder } from '../../api/embedder.js'
import type { LoadOptions } from '../../api/options/load-options.js'
import type { CommandContext } from '../command-context.js'
import { findModel } from './find-model.js'
import { importLibrary } from './library.js'

/** Options that every command with a model has. */
export const MODEL_OPTIONS = {
  model: {
    type: 'string',
    value: 'MODEL',
    short: 'm',
    about:
      'A package, a folder, a hub id (owner/name) or a URL. Without it @nestling/minilm-l6, where that is installed.',
  },
  dtype: { type: 'string', value: 'TYPE', choices: ['auto', 'fp32', 'q8'], about: 'What is computed with.' },
} as const

/** Option of commands whose vectors may be cut. */
export const DIMS_OPTION = {
  dims: { type: 'count', value: 'N', about: 'Components to keep of every vector, from the first on.' },
} as const

/** Values of {@link MODEL_OPTIONS}. */
export interface ModelValues {
  readonly model: string | undefined
  readonly dtype: 'auto' | 'fp32' | 'q8' | undefined
}

/**
 * Loads the model that the options name. Its warnings go to the standard error.
 *
 * @param options - More of `load`.
 */
export async function loadModel(
  { model, dtype }: ModelValues,
  context: CommandContext,
  options: LoadOptions = {},
): Promise<Embedder> {
  const source = await findModel(model, context.cwd)
  const { load } = await importLibrary(context.assetFolder)
  return load(source, {
    ...options,
    dtype,
    signal: context.interruption,
    onWarning: ({ kind, message }) => {
      context.terminal?.rewrite('')
      context.printError(`Warning: ${kind}: ${message}`)
    },
  })
}
