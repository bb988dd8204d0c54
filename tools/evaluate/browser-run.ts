import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright'
import { findBrowser, launchArgs } from '../browser.mjs'
import { serve } from '../serve.mjs'
import type { EvaluationAnswer, EvaluationData, RunRequest } from './run-evaluation.mjs'
import { isUrl, MODEL_PACKAGE, type EvaluateCommand } from './options.js'

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..')

/** What the page imports, by its path there. */
export const DISTS = {
  '/nestling': join(ROOT, 'packages/nestling/dist'),
  '/evaluate': join(ROOT, 'packages/evaluate/dist'),
  '/minilm-l6': join(ROOT, 'packages/minilm-l6/dist'),
}

/** What it imports beside those where it searches. */
export const SEARCH_DISTS = {
  '/search': join(ROOT, 'packages/search/dist'),
}

/** What was found. */
export interface RunAnswer extends EvaluationAnswer {
  /** Version of the browser, or of Node with its name. */
  readonly browser: string
}

/**
 * Lists what a run imports.
 *
 * @returns Folders of built packages, by their path in a page.
 */
export function distsOf({ hybrid, precisions }: EvaluateCommand): Readonly<Record<string, string>> {
  return { ...DISTS, ...(hybrid || precisions ? SEARCH_DISTS : {}) }
}

/**
 * Evaluates in a browser.
 *
 * @param command - The model and how to load it.
 * @param dims - Dims; `undefined` for those of the model.
 * @param onProgress - Told the share that is done.
 * @returns What was found.
 * @throws {Error} If a package is not built, the model is no folder, or the page fails.
 */
export async function evaluateInBrowser(
  command: EvaluateCommand,
  data: EvaluationData,
  dims: readonly number[] | undefined,
  onProgress: (fraction: number) => void,
): Promise<RunAnswer> {
  const dists = distsOf(command)
  checkBuilt(dists)
  const { folder, url } = placeOf(command.model)
  const roots = {
    ...dists,
    '/page': join(ROOT, 'tools/evaluate'),
    ...(folder === undefined ? {} : { '/model': folder }),
  }
  const server = await serve({ roots, port: 0 })
  const { executablePath } = await findBrowser()
  const args = launchArgs({ webgpu: command.load.device !== 'wasm' })
  const browser = await chromium.launch({ executablePath, args })
  try {
    const page = await browser.newPage()
    await page.exposeFunction('onEvaluationProgress', onProgress)
    await page.goto(`${server.url}/page/`)
    const load = command.load as RunRequest['load']
    const request: RunRequest = {
      url: url?.replace('SERVER', server.url) ?? null,
      load,
      dims: dims ?? null,
      data,
      hybrid: command.hybrid,
      precisions: command.precisions,
    }
    // As text, for the same reason that the page's part is JavaScript.
    const answer = await page.evaluate<EvaluationAnswer>(
      `import('/page/run-evaluation.mjs').then(({ runEvaluation }) => runEvaluation(${JSON.stringify(request)}, onEvaluationProgress))`,
    )
    return { ...answer, browser: browser.version() }
  } finally {
    await browser.close()
    await server.close()
  }
}

/**
 * Checks that packages are built.
 *
 * @param dists - Their folders.
 * @throws {Error} If one is not.
 */
export function checkBuilt(dists: Readonly<Record<string, string>>): void {
  for (const dist of Object.values(dists)) {
    if (!existsSync(join(dist, 'index.js'))) throw new Error(`${dist} is missing: run pnpm build first`)
  }
}

/**
 * Finds a model.
 *
 * @param model - A folder, a URL or the package's name.
 * @returns The folder to serve, and the URL that the page loads.
 * @throws {Error} If it is none of them.
 */
export function placeOf(model: string): { folder?: string; url?: string } {
  if (isUrl(model)) return { url: model }
  const folder = resolve(model)
  if (existsSync(join(folder, 'config.json')) || existsSync(join(folder, 'modules.json'))) {
    return { folder, url: 'SERVER/model' }
  }
  if (model === MODEL_PACKAGE) return {}
  throw new Error(`--model must be a folder with a model, a URL or ${MODEL_PACKAGE}: current value is ${model}`)
}
