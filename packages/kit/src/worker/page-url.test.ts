import { afterEach, describe, expect, it, vi } from 'vitest'
import { pageUrl } from './page-url.js'

function onPage(href: string, baseURI?: string): void {
  vi.stubGlobal('location', { href })
  vi.stubGlobal('document', baseURI === undefined ? undefined : { baseURI })
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('pageUrl()', () => {
  // Bases as the HTML standard gives them: https://html.spec.whatwg.org/#document-base-url
  it.each<[string, readonly [href: string, baseURI?: string], string, string]>([
    ['a page', ['https://x.test/a/b', 'https://x.test/a/b'], './m', 'https://x.test/a/m'],
    ['a page with a base', ['https://x.test/a/b', 'https://x.test/deep/'], './m', 'https://x.test/deep/m'],
    ['a page with a base elsewhere', ['https://x.test/a', 'https://cdn.test/v1/'], '/m', 'https://cdn.test/m'],
    ['a frame of srcdoc', ['about:srcdoc', 'https://x.test/a/b'], '../m', 'https://x.test/m'],
    ['a page of a blob', ['blob:https://x.test/1-2', 'blob:https://x.test/1-2'], '/m?a=1', 'https://x.test/m?a=1'],
    ['a page of a blob, a step up', ['blob:https://x.test/1-2', 'blob:https://x.test/1-2'], './m', 'https://x.test/m'],
    ['a page of a blob with a base', ['blob:https://x.test/1-2', 'https://x.test/deep/'], 'm', 'https://x.test/deep/m'],
    ['a worker', ['https://x.test/js/worker.js'], './m', 'https://x.test/js/m'],
    ['a worker of a blob', ['blob:https://x.test/1-2'], '/m', 'https://x.test/m'],
    ['an absolute URL', ['about:srcdoc', 'about:blank'], 'https://y.test/m', 'https://y.test/m'],
  ])('resolves as the browser does: %s', (_, page, url, expected) => {
    onPage(...page)
    expect(pageUrl(url).href).toBe(expected)
  })

  it.each([
    ['about:srcdoc', 'about:blank'],
    ['blob:null/1-2', 'blob:null/1-2'],
  ])('throws where there is no origin: %s', (href, baseURI) => {
    onPage(href, baseURI)
    expect(() => pageUrl('./m')).toThrow(TypeError)
  })
})
