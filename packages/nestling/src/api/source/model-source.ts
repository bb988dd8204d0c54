import type { ModelPackage } from '../../model/model-package.js'
import type { ModelLocation } from '../../wire/protocol.js'
import { show } from '@nestling/kit/options/show'
import { hubLocation, isHubId, type HubOptions } from '../options/hub-options.js'
import { fromFileList, fromMemory, isDirectory, isFileList, isMapOrRecord, type ModelFiles } from './local-files.js'
import { MODEL_PROTOCOLS, pageUrl } from '@nestling/kit/worker/page-url'

/**
 * What can be loaded, each of the shape that sentence-transformers saves:
 *
 * - a model package from npm,
 * - the id of a hub's repository, `owner/name`,
 * - the URL of a folder: a `URL`, or a string that is absolute or starts with `/`, `./` or `../`; on Node a path or a `file:` URL too,
 * - files that the user chose or dropped, or a directory handle,
 * - files in memory by path.
 */
export type ModelSource =
  ModelPackage | URL | string | FileList | readonly File[] | FileSystemDirectoryHandle | ModelFiles

/** A model to load, and what its manifest says beside its files. */
export interface ResolvedModel {
  readonly location: ModelLocation
  readonly nestedDims: readonly number[] | undefined
  /** Bytes to fetch; `undefined` where only the server knows. */
  readonly sizeBytes: number | undefined
}

/** Files that `load` does not need. */
const UNUSED_FILES: ReadonlySet<string> = new Set(['special_tokens_map.json'])

/**
 * Finds out what a caller wants to load.
 *
 * @param model - What was given.
 * @param hub - Options that only a hub id may have.
 * @returns Where its files are.
 * @throws {TypeError} If it is nothing that can be loaded, or has options of a hub id and is none.
 */
export function resolveModel(model: ModelSource, hub: HubOptions): ResolvedModel {
  const resolved = resolveAny(model, hub)
  const [given] = hub.given
  if (resolved.location.kind === 'hub' || given === undefined) return resolved
  throw new TypeError(
    `Cannot load a model as ${given} is for a hub id such as owner/name: the model is ${KIND_IN_WORDS[resolved.location.kind]}`,
  )
}

const KIND_IN_WORDS: Readonly<Record<Exclude<ModelLocation['kind'], 'hub'>, string>> = {
  listed: 'a model package',
  url: 'a URL',
  blobs: 'local files',
  directory: 'a directory',
}

function resolveAny(model: unknown, hub: HubOptions): ResolvedModel {
  if (model instanceof URL) return fromUrl(copyUrl(model))
  if (typeof model === 'string') {
    // A folder of the site, and no owner on a hub; whoever means one names an option of hub ids.
    if (SITE_PATH.test(model) && hub.given.length === 0) throw notAModel(model)
    return isHubId(model) ? located(hubLocation(model, hub), undefined) : fromUrl(parseUrl(model))
  }
  if (typeof model !== 'object' || model === null) throw notAModel(model)
  if (isModelPackage(model)) return fromPackage(model)
  if (isFileList(model)) return located({ kind: 'blobs', ...fromFileList(model) }, 0)
  if (isDirectory(model)) return located({ kind: 'directory', name: model.name || 'directory', handle: model }, 0)
  if (isMapOrRecord(model)) return located({ kind: 'blobs', ...fromMemory(model) }, 0)
  throw notAModel(model)
}

/** How paths of a site begin, and files of a model end: nobody is called so on a hub, and no model. */
const SITE_PATH = /^(assets|dist|models|public|static)\/|\.(json|onnx|safetensors)$/

function located(location: ModelLocation, sizeBytes: number | undefined): ResolvedModel {
  return { location, nestedDims: undefined, sizeBytes }
}

function parseUrl(text: string): URL {
  try {
    // «owner/name» would parse as a path of this page; a hub id must not be mistaken for one.
    return /^\.{0,2}\//.test(text) ? pageUrl(text) : new URL(text)
  } catch {
    // Without a query, which may hold a secret.
    throw notAModel(text.replace(/[?#].*$/s, ''))
  }
}

function copyUrl(url: URL): URL {
  try {
    return new URL(url.href)
  } catch (cause) {
    throw new TypeError(
      'Cannot load a model as its URL must be a URL and no proxy of one: a framework may have made it reactive\nGive url.href, or keep it out of the state (markRaw, $state.raw)',
      { cause },
    )
  }
}

function fromUrl(url: URL): ResolvedModel {
  if (!MODEL_PROTOCOLS.includes(url.protocol)) throw notAModel(url.protocol)
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('Cannot load a model as its URL must hold no user and no password: browsers refuse to fetch it')
  }
  const name = url.pathname.split('/').filter(Boolean).at(-1) ?? url.host
  return located({ kind: 'url', name, baseUrl: url.href }, undefined)
}

function fromPackage(model: ModelPackage): ResolvedModel {
  const needed = model.files.filter(({ path }) => !UNUSED_FILES.has(path))
  const twice = needed.find(({ path }, index) => needed.findIndex((file) => file.path === path) !== index)
  if (twice !== undefined) {
    throw new TypeError(`Cannot load a model as ${model.id} lists a file twice: current value is ${show(twice.path)}`)
  }
  // A bundler may hand out paths of this page; the worker has another base.
  const files = needed.map(({ path, sizeBytes, sha256, url, text }) => ({
    path,
    sizeBytes,
    sha256,
    text,
    url: url === undefined ? undefined : pageUrl(url).href,
  }))
  const sizeBytes = files.reduce((sum, file) => sum + (file.text === undefined ? file.sizeBytes : 0), 0)
  return { location: { kind: 'listed', name: model.id, files }, nestedDims: model.nestedDims, sizeBytes }
}

function isModelPackage(value: object): value is ModelPackage {
  return 'id' in value && 'files' in value && Array.isArray(value.files)
}

function notAModel(value: unknown): TypeError {
  const text = typeof value === 'string' ? value : ''
  // A path without a dot in front, or that of a file.
  const hint = /^\w[\w./-]*$/.test(text)
    ? `\nDid you mean './${text.replace(/\/[^/]*\.(json|onnx|safetensors)$/, '')}'?`
    : ''
  return new TypeError(
    `Cannot load a model as it must be a model package, a hub id (owner/name), the URL of a model folder, files or a directory handle: current value is ${show(value)}${hint}`,
  )
}
