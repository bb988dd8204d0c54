/** A module with one struct type: valid only where WebAssembly has garbage collection. */
const GC_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 95, 1, 120, 0)

/**
 * Tells whether this browser takes the `Authorization` header off a request that is redirected to another origin.
 *
 * The Fetch standard asks for it since November 2022, and Firefox 111, Safari 16.1 and Chrome 119 do it; `sources.browser.test.ts`
 * watches it with two servers. Older ones would send a token on to any server that allows the header, and no script can look:
 * `redirect: 'manual'` hides where a redirect leads. Versions cannot be asked for, so we ask for something that came in the
 * same version or later in each engine and that no polyfill can bring: garbage collection in WebAssembly (Chrome 119,
 * Firefox 120, Safari 18.2). Where it is missing, redirects of requests with a token are refused.
 *
 * @returns Whether redirects are safe to follow with a token.
 * @see {@link https://github.com/whatwg/fetch/pull/1544 | the change of the standard}
 */
export function dropsAuthorization(): boolean {
  return WebAssembly.validate(GC_MODULE)
}
