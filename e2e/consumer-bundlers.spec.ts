import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Page } from 'playwright/test'
import { serve } from '../tools/serve.mjs'
import { createConsumerApp, skipReason, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer } from './consumer-visits.ts'

const BUILD_TIMEOUT_MS = 480_000

interface Bundled {
  readonly fixture: string
  /** The package whose version the row names. */
  readonly bundler: string
  readonly title: string
  readonly dist: string
  readonly build: (app: ConsumerApp) => Promise<unknown>
}

const BUNDLED: readonly Bundled[] = [
  {
    fixture: 'webpack',
    bundler: 'webpack',
    title: 'webpack',
    dist: 'dist',
    build: (app) => app.run('../build.mjs'),
  },
  {
    fixture: 'esbuild',
    bundler: 'esbuild',
    title: 'esbuild with copy-assets',
    dist: 'dist',
    build: (app) => app.run('../build.mjs'),
  },
  {
    fixture: 'bun',
    bundler: 'bun',
    title: "Bun's bundler with copy-assets",
    dist: 'dist',
    build: (app) => app.run('../build.mjs'),
  },
  {
    fixture: 'parcel',
    bundler: 'parcel',
    title: 'Parcel with copy-assets',
    dist: 'dist',
    build: (app) => app.run('../build.mjs'),
  },
  ...['rolldown', 'tsdown', 'tsup'].flatMap((bundler) =>
    ['external', 'inside'].map((kind) => ({
      fixture: 'library',
      bundler,
      title: `Vite, nestling ${kind} in a library of ${bundler}`,
      dist: 'dist',
      build: (app: ConsumerApp) => app.run('../build.mjs', bundler, kind),
    })),
  ),
  {
    fixture: 'next',
    bundler: 'next',
    title: 'Next.js, App Router, client component',
    dist: 'out',
    build: (app) => app.run('next/dist/bin/next', 'build'),
  },
]

function versionOf({ folder }: ConsumerApp, name: string): string {
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { dependencies: Record<string, string> }).dependencies[name] ?? ''
}

async function expectBundled(page: Page, { fixture, bundler, title, dist, build }: Bundled): Promise<void> {
  const app = await createConsumerApp(fixture)
  try {
    await build(app)
    const folder = join(app.folder, dist)
    const { url, close } = await serve({ roots: { '/': folder }, isolated: false, port: 0 })
    await expectConsumer(page, { name: `${title}, ${versionOf(app, bundler)}`, url: `${url}/`, dist: folder })
    await close()
  } finally {
    app.dispose()
  }
}

for (const bundled of BUNDLED) {
  test(`the packed packages work in ${bundled.title}`, async ({ page }) => {
    test.skip(skipReason !== undefined, skipReason)
    test.setTimeout(BUILD_TIMEOUT_MS)
    await expectBundled(page, bundled)
  })
}
