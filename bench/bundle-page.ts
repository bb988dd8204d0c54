import { join } from 'node:path'
import { build, defaultClientConditions } from 'vite'

/** Where bundles of the pages' scripts are. */
export const BUNDLES = join(import.meta.dirname, '.cache')

/**
 * Bundles scripts of `page/` as an application's build would.
 *
 * @param names - Names without `.ts`.
 */
export async function bundlePage(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await build({
      root: import.meta.dirname,
      configFile: false,
      logLevel: 'warn',
      // The peer's runtime stays in files of its own, as it is by default, where they come from a CDN.
      resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
      build: {
        outDir: BUNDLES,
        emptyOutDir: false,
        target: 'es2022',
        minify: true,
        lib: { entry: join(import.meta.dirname, `page/${name}.ts`), formats: ['es'], fileName: () => `${name}.js` },
      },
    })
  }
}
