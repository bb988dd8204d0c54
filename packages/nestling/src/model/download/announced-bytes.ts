/**
 * Reads the length of a body that a server announces.
 *
 * @param response - Its answer.
 * @returns Bytes; `undefined` where it does not say, or counts those of a compressed body.
 */
export function announcedBytes({ headers }: Response): number | undefined {
  const length = headers.get('content-encoding') === null ? headers.get('content-length') : null
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined
}

/**
 * Reads the length of a file that a server announces, where that can be relied on. Across origins a browser hides that a body is
 * compressed; those of JSON often are.
 *
 * @param response - Its answer.
 * @returns Bytes, or `undefined`.
 */
export function promisedBytes(response: Response, path: string): number | undefined {
  return response.type === 'cors' && path.endsWith('.json') ? undefined : announcedBytes(response)
}
