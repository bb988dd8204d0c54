import type { GraphRules } from './graph-rules.js'

/** Rules of `packages/kit`: it knows none of the packages that bundle it. */
export const KIT_RULES: GraphRules = {
  allowed: {
    calls: [],
    databases: [],
    math: [],
    text: [],
    options: [],
    files: [],
    postgres: ['math'],
    locks: ['calls', 'files'],
    records: ['locks'],
    words: ['math', 'options', 'text'],
    worker: ['calls'],
  },
  typesFromAnywhere: '',
  checkExternal: ({ file, line, specifier }) =>
    specifier.startsWith('.') ||
    (/^comlink($|\/)/.test(specifier) && file.startsWith('worker/')) ||
    (specifier.startsWith('node:') && file.endsWith('.node.ts'))
      ? undefined
      : { file, line, rule: `the kit imports no package but comlink, in worker/: it imports ${specifier}` },
}
