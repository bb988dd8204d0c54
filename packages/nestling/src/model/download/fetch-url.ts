/** Asks for a URL, as `fetch` does. */
export function fetchUrl(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init)
}
