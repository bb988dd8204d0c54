import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes the modules by which development servers reach a package's entries, for the conditions `development` and `browser` of its
 * `exports`.
 *
 * Vite 7 and older copy what an application imports into `node_modules/.vite/deps`, and nothing of what lies beside it: a worker or a
 * model that a module finds by `import.meta.url` would be looked for there. They leave alone an entry that ends in `.jsx`, as other
 * plug-ins may have to do with it. What an entry of another package imports is copied with it, unless its path ends in `.jsx` and a
 * query: so a library that wraps this package leads to the same files. No JSX is in either.
 *
 * @param {string} dist Folder with the entries; the modules go below `development/`.
 * @param {readonly string[]} names Of the entries, without `.js`.
 */
export function writeDevelopmentDoors(dist, names) {
  const folder = join(dist, 'development')
  mkdirSync(folder, { recursive: true })
  for (const name of names) {
    writeFileSync(join(folder, `${name}.jsx`), `export * from './${name}.unmoved.jsx?unmoved'\n`)
    writeFileSync(join(folder, `${name}.unmoved.jsx`), `export * from '../${name}.js'\n`)
  }
}
