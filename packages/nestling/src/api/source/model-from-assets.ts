import type { ModelPackage } from '../../model/model-package.js'

/**
 * Takes the files of a model package from where `npx nestling copy-assets DIR --model NAME` puts them: for bundlers that copy no files
 * of packages, such as esbuild, and for CDNs.
 *
 * @param model - A model package.
 * @param assetBaseUrl - URL of DIR, absolute or from the page.
 * @returns The same model with other URLs.
 */
export function modelFromAssets(model: ModelPackage, assetBaseUrl: string | URL): ModelPackage {
  const base = `${String(assetBaseUrl).replace(/\/$/, '')}/models/${model.id}@${model.version}/`
  const files = model.files.map((file) => (file.url === undefined ? file : { ...file, url: base + file.path }))
  return { ...model, files }
}
