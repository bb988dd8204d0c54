/**
 * Reads a `Retry-After` header.
 *
 * @param value - Seconds, or an HTTP date; `null` where there is none, or where CORS hides it.
 * @returns Milliseconds from now, never negative; `undefined` if it says nothing.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#field.retry-after | RFC 9110, 10.2.3}
 */
export function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now())
}
