import type { ModelLocation } from '../wire/protocol.js'
import { sha256Hex } from './sha256.js'

/** Digits of the digest of a package's manifest: enough that no two versions share a key. */
const DIGEST_DIGITS = 16

/**
 * Names where the files of a model come from: what they are kept under between visits. It holds no token, query or password.
 *
 * @returns The key; `undefined` for files of this machine, which are not kept.
 */
export async function modelKeyOf(location: ModelLocation): Promise<string | undefined> {
  switch (location.kind) {
    case 'hub':
      return `hub:${location.endpoint}/${location.name}@${location.revision}`
    case 'url': {
      if (isOfThisMachine(location.baseUrl)) return undefined
      const { origin, pathname } = new URL(location.baseUrl)
      return `url:${origin}${pathname.replace(/\/*$/, '/')}`
    }
    case 'listed': {
      if (location.files.some(({ url }) => isOfThisMachine(url))) return undefined
      const files = location.files.map(({ path, sizeBytes, sha256 }) => [path, sizeBytes, sha256])
      const digest = await sha256Hex(new TextEncoder().encode(JSON.stringify(files)))
      return `package:${location.name}:${digest.slice(0, DIGEST_DIGITS)}`
    }
    default:
      return undefined
  }
}

function isOfThisMachine(url: string | undefined): boolean {
  return url?.startsWith('file:') === true
}
