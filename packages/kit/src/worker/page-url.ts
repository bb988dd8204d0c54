/** Where models may be read from. */
export const MODEL_PROTOCOLS: readonly string[] = ['http:', 'https:']

/**
 * Resolves a URL as the browser resolves those of the page: against `<base href>` where there is one, and in a frame of `srcdoc` against the
 * page around it. The worker has another base, so that this is done before anything crosses.
 *
 * A page or a worker made from a blob has no folder: the root of its origin takes that place.
 *
 * @param url - Absolute, or relative to the page.
 * @returns The absolute URL.
 * @throws {TypeError} If it is no URL.
 */
export function pageUrl(url: string | URL): URL {
  const { document, location } = globalThis as { readonly document?: Document; readonly location?: Location }
  const base = document?.baseURI ?? location?.href
  try {
    return new URL(url, base)
  } catch (error) {
    const origin = base?.startsWith('blob:') === true ? new URL(base).origin : undefined
    if (origin === undefined || origin === 'null') throw error
    return new URL(url, origin)
  }
}
