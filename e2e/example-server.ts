import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from '../tools/serve.mjs'

const ROOT = join(import.meta.dirname, '..')

/** A server for one test file; close it at the end. */
export type TestServer = Awaited<ReturnType<typeof serve>>

/**
 * Serves the examples as they were built, as `npm start` does, and the packages under `/packages/NAME/`.
 *
 * @param isolated - Whether pages are cross-origin isolated.
 * @returns The server.
 */
export function serveExamples(isolated: boolean): Promise<TestServer> {
  const examples = readdirSync(join(ROOT, 'examples')).map((name) => [`/${name}`, join(ROOT, 'examples', name, 'dist')])
  const packages = ['nestling', 'minilm-l6'].map((name) => [`/packages/${name}`, join(ROOT, 'packages', name, 'dist')])
  const pages = [['/blank', join(import.meta.dirname, 'pages')]]
  return serve({
    roots: Object.fromEntries([...examples, ...packages, ...pages]) as Record<string, string>,
    isolated,
    port: 0,
  })
}
