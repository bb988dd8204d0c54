import { existsSync } from 'node:fs'

/**
 * Lets a file `x.node.ts` take the place of `x.ts` beside it, in the bundles for Node. `tsc` checks the same choice by its `moduleSuffixes`.
 *
 * @returns {import('vite').Plugin} The plug-in.
 */
export function nodeVariants() {
  return {
    name: 'node-variants',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      const found = await this.resolve(source, importer, { ...options, skipSelf: true })
      if (found === null || !/(?<!\.node)\.ts$/.test(found.id)) return found
      const variant = found.id.replace(/\.ts$/, '.node.ts')
      return existsSync(variant) ? { ...found, id: variant } : found
    },
  }
}
