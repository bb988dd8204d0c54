import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'playwright/test'
import { serve } from '../tools/serve.mjs'
import { startAppServer, type AppServerOptions } from './app-server.ts'
import { createConsumerApp, skipReason, type ConsumerApp } from './consumer-app.ts'
import { expectConsumer } from './consumer-visits.ts'

const TIMEOUT_MS = 600_000

interface Tool {
  readonly title: string
  readonly fixture: string
  /** The package whose version the row names. */
  readonly tool: string
  /** What is run before, in the form of `build`. */
  readonly prepare?: readonly string[]
  readonly development: AppServerOptions
  /** Script below `node_modules` with its arguments, and the folder that it fills. */
  readonly build: readonly string[]
  readonly dist: string
}

const VITE = 'vite/bin/vite.js'
const VITE_DEV: AppServerOptions = { script: VITE, args: (port) => ['--port', port, '--strictPort'] }

const TOOLS: readonly Tool[] = [
  {
    title: 'Astro',
    fixture: 'astro',
    tool: 'astro',
    development: { script: 'astro/astro.js', args: (port) => ['dev', '--port', port] },
    build: ['astro/astro.js', 'build'],
    dist: 'dist',
  },
  {
    title: 'SvelteKit',
    fixture: 'sveltekit',
    tool: '@sveltejs/kit',
    development: VITE_DEV,
    build: [VITE, 'build'],
    dist: 'build',
  },
  {
    title: 'React Router, framework mode',
    fixture: 'react-router',
    tool: '@react-router/dev',
    development: { script: '@react-router/dev/bin.js', args: (port) => ['dev', '--port', port] },
    build: ['@react-router/dev/bin.js', 'build'],
    dist: 'build/client',
  },
  {
    title: 'Nuxt',
    fixture: 'nuxt',
    tool: 'nuxt',
    development: { script: 'nuxt/bin/nuxt.mjs', args: (port) => ['dev', '--port', port] },
    build: ['nuxt/bin/nuxt.mjs', 'generate'],
    dist: '.output/public',
  },
  {
    title: 'Angular with copy-assets',
    fixture: 'angular',
    tool: '@angular/cli',
    prepare: ['.bin/nestling', 'copy-assets', 'public/nestling', '--model', '@nestling/minilm-l6'],
    development: { script: '@angular/cli/bin/ng.js', args: (port) => ['serve', '--port', port] },
    build: ['@angular/cli/bin/ng.js', 'build'],
    dist: 'dist/browser',
  },
  {
    title: 'Rsbuild',
    fixture: 'rsbuild',
    tool: '@rsbuild/core',
    development: { script: '@rsbuild/core/bin/rsbuild.js', args: (port) => ['dev', '--port', port] },
    build: ['@rsbuild/core/bin/rsbuild.js', 'build'],
    dist: 'dist',
  },
]

for (const tool of TOOLS) {
  test(`the packed packages work in ${tool.title}, in development and built`, async ({ browser }) => {
    test.skip(skipReason !== undefined, skipReason)
    test.setTimeout(TIMEOUT_MS)
    const app = await createConsumerApp(tool.fixture)
    const name = `${tool.title} ${versionOf(app, tool.tool)}`
    const run = ([script = '', ...args]: readonly string[]): Promise<string> => app.run(script, ...args)
    try {
      if (tool.prepare !== undefined) await run(tool.prepare)
      const server = await startAppServer(app, tool.development)
      try {
        const page = await browser.newPage()
        await expectConsumer(page, { name: `${name}, development`, url: server.url })
        await page.context().close()
      } finally {
        server.close()
      }
      await run(tool.build)
      const dist = join(app.folder, tool.dist)
      const { url, close } = await serve({ roots: { '/': dist }, isolated: false, port: 0 })
      await expectConsumer(await browser.newPage(), { name: `${name}, built`, url: `${url}/`, dist })
      await close()
    } finally {
      app.dispose()
    }
  })
}

function versionOf({ folder }: ConsumerApp, name: string): string {
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { dependencies: Record<string, string> }).dependencies[name] ?? ''
}
