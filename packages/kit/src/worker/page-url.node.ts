import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A scheme has two letters or more: one letter is a drive. */
const ABSOLUTE = /^[a-z][a-z\d+.-]+:/i

/** Where models may be read from: beside servers, on the disk. */
export const MODEL_PROTOCOLS: readonly string[] = ['http:', 'https:', 'file:']

/** Resolves a URL; what is none is a path, from the working directory on. */
export function pageUrl(url: string | URL): URL {
  return typeof url === 'string' && !ABSOLUTE.test(url) ? pathToFileURL(resolve(url)) : new URL(url)
}
