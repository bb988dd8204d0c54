import type { GraphRules } from './graph-rules.js'

/** What may import a package, by its name. */
const OWNERS: Readonly<Record<string, RegExp>> = {
  idb: /^store\/open-database\.ts$/,
}

/** What runs on the page. The worker would get all of nestling with one of its values. */
const OF_PAGE = /^(client|adapters)\//

/** Rules of `packages/search`: the page's side in `client`, the worker's in `worker`, and what each is made of. */
export const SEARCH_RULES: GraphRules = {
  allowed: {
    wire: [],
    mining: [],
    keywords: ['wire'],
    fuse: ['wire', 'keywords'],
    score: ['wire'],
    store: ['wire'],
    quantize: ['wire', 'mining'],
    documents: ['wire'],
    adapters: ['wire', 'mining', 'keywords'],
    worker: ['wire', 'mining', 'keywords', 'fuse', 'score', 'store', 'documents'],
    client: ['wire', 'mining'],
  },
  typesFromAnywhere: 'client',
  checkExternal: ({ file, line, specifier, isType }) => {
    if ((specifier.startsWith('node:') || specifier.endsWith('.node')) && !file.endsWith('.node.ts')) {
      return { file, line, rule: `only files x.node.ts may import ${specifier}` }
    }
    if (specifier === 'comlink') return { file, line, rule: 'only the kit may import comlink' }
    const owner = OWNERS[specifier]
    if (owner !== undefined && !owner.test(file)) {
      return { file, line, rule: `only ${owner.source.replaceAll(/[\\^$]/g, '')} may import ${specifier}` }
    }
    if (/^nestling(\/|$)/.test(specifier) && !isType) {
      if (!OF_PAGE.test(file)) {
        return { file, line, rule: 'what runs in the worker may import nestling only with "import type"' }
      }
      // Bundlers publish the runtimes that the entry `nestling/onnx` names, also for an application that does without.
      if (specifier !== 'nestling') {
        return { file, line, rule: 'values of nestling come from nestling itself, which brings no onnxruntime' }
      }
    }
    return undefined
  },
}
