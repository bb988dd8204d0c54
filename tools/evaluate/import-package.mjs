/**
 * @typedef {object} Packages
 * @property {typeof import('../../packages/nestling/dist/index.js')} nestling
 * @property {typeof import('../../packages/evaluate/dist/index.js')} evaluate
 * @property {typeof import('../../packages/search/dist/index.js')} search
 * @property {typeof import('../../packages/minilm-l6/dist/index.js')} minilm-l6
 */

/** Those that have an entry for Node. */
const WITH_NODE = ['nestling', 'search']

/** What a page may ask for has any engine. */
const ALL_ENGINES = 'onnx.js'

/**
 * Imports a package of this repository as it was built: a page from where the tool serves it, Node from its folder.
 *
 * @template {keyof Packages} Name
 * @param {Name} name
 * @returns {Promise<Packages[Name]>}
 */
export function importPackage(name) {
  const isPage = typeof process === 'undefined'
  if (isPage)
    return /** @type {Promise<never>} */ (import(`/${name}/${name === 'nestling' ? ALL_ENGINES : 'index.js'}`))
  const path = `../../packages/${name}/dist/${WITH_NODE.includes(name) ? 'node.js' : 'index.js'}`
  return /** @type {Promise<never>} */ (import(path))
}
