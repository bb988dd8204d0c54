import { toHex } from '@nestling/kit/math/hex'
import { show } from '@nestling/kit/options/show'
import { pageUrl } from '@nestling/kit/worker/page-url'
import { isHubId } from '../api/options/hub-options.js'
import type { LoadOptions } from '../api/options/load-options.js'
import type { ModelSource } from '../api/source/model-source.js'

/** Among the sources of `load`, the one that names a licence. */
type ModelPackage = Extract<ModelSource, { readonly license: string }>

/** Digits of the digest of a package's files: enough that no two of its versions share a name by chance. */
const DIGEST_DIGITS = 16

/** Compared with, and in no vector. */
const GOLDEN = 'golden.json'

/**
 * Names the space of a model without fetching any of its files: a model package by its id and what is in it, a hub id by its revision, a
 * folder by its URL. The last two say where a model is, not what it is.
 *
 * @param options - The options of `load`; only `revision` counts.
 * @throws {TypeError} If the model has no name that another visit would know: local files.
 */
export async function spaceNameOf(model: ModelSource, { revision }: LoadOptions): Promise<string> {
  if (typeof model !== 'string' && (typeof model !== 'object' || (model as unknown) === null)) {
    throw new TypeError(
      `Cannot define an embedder as the model must be one that load() takes: current value is ${show(model)}`,
    )
  }
  if (model instanceof URL || (typeof model === 'string' && !isHubId(model))) return withoutQuery(model)
  if (typeof model === 'string') return `${model}@${revision ?? 'main'}`
  if (isModelPackage(model)) {
    const files = model.files.filter(({ path }) => path !== GOLDEN).map(({ path, sha256 }) => [path, sha256])
    return `${model.id}@${await digest(JSON.stringify(files))}`
  }
  throw new TypeError(
    'Cannot define an embedder as local files need an embeddingSpace: current value is undefined\n' +
      'Pass { embeddingSpace } with a name that changes whenever the files do',
  )
}

function isModelPackage(model: object): model is ModelPackage {
  return 'id' in model && 'files' in model && Array.isArray(model.files)
}

/** A query may hold a secret. */
function withoutQuery(model: URL | string): string {
  const { origin, pathname } = pageUrl(model)
  // Of a file: URL the origin is no name.
  const place = origin === 'null' ? 'file://' : origin
  return `${place}${pathname.replace(/\/*$/, '/')}`
}

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return toHex(bytes).slice(0, DIGEST_DIGITS)
}
