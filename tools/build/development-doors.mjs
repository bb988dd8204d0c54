import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes the modules by which development servers reach a package's entries, for the conditions `development` and `browser` of its
 * `exports`.
 *
 * Vite 7 and older copy what an application imports into `node_modules/.vite/deps`, and nothing of what lies beside it: a worker or a
 * model that a module finds by `import.meta.url` would be looked for there. They leave alone an entry that ends in `.jsx`, as other
 * plug-ins may have to do with it. No JSX is in it.
 *
 * What a copied library imports is copied too. Vite would leave that alone behind a query or in `.mts`, which Bun or Turbopack refuse.
 * Angular refuses `.jsx`: it alone has the condition `es2015`, which stands before these in `exports`.
 *
 * @param {string} dist Folder with the entries; the modules go below `development/`.
 * @param {readonly string[]} names Of the entries, without `.js`.
 */
export function writeDevelopmentDoors(dist, names) {
  const folder = join(dist, 'development')
  mkdirSync(folder, { recursive: true })
  for (const name of names) writeFileSync(join(folder, `${name}.jsx`), `export * from '../${name}.js'\n`)
}
