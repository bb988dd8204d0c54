/** What we need of Trusted Types, of which TypeScript's library knows nothing. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string }
}

let policy: ReturnType<PolicyFactory['createPolicy']> | undefined

/**
 * Marks the URL of a script as trusted where the page asks for that, by the policy `nestling`.
 *
 * @param url - A URL that the application gave.
 * @returns What a `Worker` takes: a TrustedScriptURL, or the URL where there are no Trusted Types or the page does not allow the policy.
 */
export function trustedScriptUrl(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory }
  try {
    policy ??= trustedTypes?.createPolicy('nestling', { createScriptURL: (text) => text })
  } catch {
    // The page may allow other policies alone and yet ask for none; where it does ask, the browser refuses the URL.
  }
  return policy?.createScriptURL(url) ?? url
}
