import type { ModelPackage } from '../model/model-package.js'
import type { ModelLocation } from '../wire/protocol.js'
import { show } from './check-options.js'

/** What can be loaded: a model package, or the URL of a folder that sentence-transformers saved. */
export type ModelSource = ModelPackage | URL | string

/** A model to load, and what its manifest says beside its files. */
export interface ResolvedModel {
  readonly location: ModelLocation
  readonly nestedDims: readonly number[] | undefined
  /** Bytes of all files; `undefined` where only the server knows. */
  readonly sizeBytes: number | undefined
}

/** Files that `load` does not need. */
const UNUSED_FILES: ReadonlySet<string> = new Set(['golden.json', 'special_tokens_map.json'])

/**
 * Finds out what a caller wants to load.
 *
 * @param model - A model package or a URL; a string may be relative to the page when it starts with `/`, `./` or `../`.
 * @returns Where its files are.
 * @throws {TypeError} If it is neither.
 */
export function resolveModel(model: ModelSource): ResolvedModel {
  if (model instanceof URL) return fromUrl(model)
  if (typeof model === 'string') return fromUrl(parseUrl(model))
  if (isModelPackage(model)) return fromPackage(model)
  throw notAModel(model)
}

function parseUrl(text: string): URL {
  try {
    // «owner/name» would parse as a path of this page; a hub id must not be mistaken for one.
    return /^\.{0,2}\//.test(text) ? new URL(text, globalThis.location.href) : new URL(text)
  } catch {
    throw notAModel(text)
  }
}

function fromUrl(url: URL): ResolvedModel {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw notAModel(url.href)
  const name = url.pathname.split('/').filter(Boolean).at(-1) ?? url.host
  return { location: { kind: 'url', name, baseUrl: url.href }, nestedDims: undefined, sizeBytes: undefined }
}

function fromPackage(model: ModelPackage): ResolvedModel {
  const needed = model.files.filter(({ path }) => !UNUSED_FILES.has(path))
  // A bundler may hand out paths of this page; the worker has another base.
  const files = needed.map(({ path, sizeBytes, sha256, url, text }) => ({
    path,
    sizeBytes,
    sha256,
    text,
    url: url === undefined ? undefined : new URL(url, globalThis.location.href).href,
  }))
  const sizeBytes = files.reduce((sum, file) => sum + (file.text === undefined ? file.sizeBytes : 0), 0)
  return { location: { kind: 'files', name: model.id, files }, nestedDims: model.nestedDims, sizeBytes }
}

function isModelPackage(value: unknown): value is ModelPackage {
  return typeof value === 'object' && value !== null && 'id' in value && 'files' in value && Array.isArray(value.files)
}

function notAModel(value: unknown): TypeError {
  return new TypeError(
    `Cannot load a model as it must be a model package or the URL of a model folder: current value is ${show(value)}`,
  )
}
