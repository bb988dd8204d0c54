import type { HubLocation } from '../../wire/protocol.js'
import { show } from '@nestling/kit/options/show'
import { pageUrl } from '@nestling/kit/worker/page-url'

/** The options of `load` that only a hub id has. */
export interface HubOptions {
  readonly revision: string
  readonly token: string | undefined
  readonly endpoint: string
  /** Those that the caller gave. */
  readonly given: readonly string[]
}

const DEFAULT_ENDPOINT = 'https://huggingface.co'
const DEFAULT_REVISION = 'main'

/**
 * A repository as the hub names them. Two dots or dashes in a row are not allowed there, which also keeps `..` out of URLs.
 *
 * @see `huggingface_hub.utils._validators.validate_repo_id`
 */
const HUB_ID = /^(?!.*(--|\.\.|\.git$))[\w][\w.-]*\/[\w][\w.-]*$/
const MAX_ID_LENGTH = 96

/**
 * Tells whether a text is the id of a repository.
 *
 * @returns Whether it has the form `owner/name`.
 */
export function isHubId(text: string): boolean {
  return text.length <= MAX_ID_LENGTH && HUB_ID.test(text)
}

/**
 * Checks the options that belong to a hub id.
 *
 * @param options - What the caller gave.
 * @param options.revision - Branch, tag or commit.
 * @param options.token - Access token.
 * @param options.endpoint - URL of the hub.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If one is not usable; a token is never shown.
 */
export function resolveHubOptions(options: {
  readonly revision?: unknown
  readonly token?: unknown
  readonly endpoint?: unknown
}): HubOptions {
  const { revision = DEFAULT_REVISION, token, endpoint = DEFAULT_ENDPOINT } = options
  // A URL parser would take dots for a step up, encoded or not.
  if (typeof revision !== 'string' || /^\.{0,2}$/.test(revision)) {
    throw invalid('revision must be a branch, tag or commit', revision)
  }
  // Browsers repeat a header that they refuse in their error.
  if (token !== undefined && (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))) {
    throw new TypeError('Cannot load a model as token must be a string of ASCII characters without spaces')
  }
  const given = (['revision', 'token', 'endpoint'] as const).filter((name) => options[name] !== undefined)
  return { revision, token, endpoint: resolveEndpoint(endpoint), given }
}

function resolveEndpoint(endpoint: unknown): string {
  const rule = 'endpoint must be an http or https URL without user, query and fragment'
  let url: URL
  try {
    url = pageUrl(endpoint as string | URL)
  } catch {
    throw invalid(rule, endpoint)
  }
  // Shown without what may be a secret in it.
  const plain = `${url.origin}${url.pathname}`
  if (!/^https?:$/.test(url.protocol) || url.href !== plain) throw invalid(rule, plain)
  return plain.replace(/\/+$/, '')
}

/**
 * Says where the files of a repository are.
 *
 * @param id - `owner/name`
 * @param options - Hub, revision and token.
 */
export function hubLocation(id: string, options: HubOptions): HubLocation {
  const { endpoint, revision, token } = options
  return { kind: 'hub', name: id, endpoint, revision, token }
}

function invalid(rule: string, value: unknown): TypeError {
  return new TypeError(`Cannot load a model as ${rule}: current value is ${show(value)}`)
}
