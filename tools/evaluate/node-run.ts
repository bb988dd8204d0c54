import process from 'node:process'
import { checkBuilt, distsOf, placeOf, type RunAnswer } from './browser-run.js'
import type { EvaluateCommand } from './options.js'
import { runEvaluation, type EvaluationData, type RunRequest } from './run-evaluation.mjs'

/**
 * Evaluates in this process.
 *
 * @param command - The model and how to load it.
 * @param dims - Dims; `undefined` for those of the model.
 * @param onProgress - Told the share that is done.
 * @returns What was found.
 * @throws {Error} If a package is not built, or the model cannot be loaded.
 */
export async function evaluateOnNode(
  command: EvaluateCommand,
  data: EvaluationData,
  dims: readonly number[] | undefined,
  onProgress: (fraction: number) => void,
): Promise<RunAnswer> {
  checkBuilt(distsOf(command))
  const { folder, url } = placeOf(command.model)
  const { hybrid, precisions } = command
  const load = command.load as RunRequest['load']
  const request = { url: folder ?? url ?? null, load, dims: dims ?? null, data, hybrid, precisions }
  return { ...(await runEvaluation(request, onProgress)), browser: `Node ${process.versions.node}` }
}
