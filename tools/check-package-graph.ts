import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import type { GraphRules, Import, Violation } from './graph-rules.js'
import { KIT_RULES } from './kit-graph-rules.js'
import { SEARCH_RULES } from './search-graph-rules.js'

/** Folders of `packages/nestling`. */
const ALLOWED: GraphRules['allowed'] = {
  math: [],
  wire: ['math'],
  model: ['math', 'wire'],
  tokenize: ['math', 'wire'],
  store: ['math', 'wire', 'model'],
  engine: ['math', 'wire', 'model'],
  encode: ['math', 'wire', 'model', 'tokenize', 'store', 'engine'],
  certify: ['math', 'wire', 'model', 'tokenize', 'store', 'engine', 'encode'],
  worker: ['math', 'wire', 'model', 'tokenize', 'store', 'engine', 'encode', 'certify'],
  // On the page: keeps one worker alive, and knows nothing of calls.
  host: ['wire'],
  // On the page: has calls done by hosts. Of engines only the lock that shared weights are kept with.
  dispatch: ['wire', 'host', 'engine'],
  // The page must not load what runs in the worker, but may name its types and choose a device.
  api: ['math', 'wire', 'engine', 'host', 'dispatch'],
  // Sub-paths of the package for other libraries and interfaces.
  adapters: ['math', 'wire', 'api'],
  // Runs in Node. What it calls it imports as built; these are its types, and lists of names.
  cli: ['math', 'model', 'api'],
}

/** Files of the page that look into the stores. They are bundles of their own, which only `import()` may load. */
const STORE_BUNDLES: ReadonlySet<string> = new Set([
  'api/caches/count-kept-embeddings.ts',
  'api/caches/model-cache-calls.ts',
  'api/plan-load.ts',
])

/** What those may import beside what all of the page may. */
const OF_STORE_BUNDLES: readonly string[] = ['store', 'model']

/** What applications import; nothing inside may. */
const ENTRIES: readonly string[] = ['index.ts', 'onnx.ts']

/** Names what only `nestling/onnx` brings. A bundler publishes it for whoever loads a module that imports this. */
const BUNDLED_RUNTIMES = 'api/source/bundled-runtimes.ts'
/** Its only importer. */
const ONNX_ENTRY = 'api/onnx-entry.ts'

/** Opens the database of all stores. */
const DATABASE = 'store/records/open-database.ts'

/** The only importer of transformers.js. */
const TRANSFORMERS = 'engine/transformers/open-onnx-session.ts'
/** Entries of bundles that only their URLs lead to. */
const BY_URL: readonly string[] = ['engine/onnx/onnx-bundle.ts', 'engine/transformers/transformers-bundle.ts']

/**
 * Checks the direction of all imports, and that folders stay small.
 *
 * @param sources - Text by path below the source folder, with `/`.
 * @param rules - What the package allows; those of nestling by default.
 * @returns Every broken rule, sorted by place.
 */
export function checkPackageGraph(
  sources: ReadonlyMap<string, string>,
  rules: GraphRules = NESTLING_RULES,
): Violation[] {
  const files = [...sources.keys()].filter((file) => !isTest(file))
  const imports = files.flatMap((file) => listImports(file, sources.get(file) ?? ''))
  const placed = files.filter((file) => !ENTRIES.includes(file) && rules.allowed[folderOf(file)] === undefined)
  const unknown = placed.map((file) => {
    return {
      file,
      line: 1,
      rule: `only ${ENTRIES.join(', ')} and the folders ${Object.keys(rules.allowed).join(', ')} may have sources`,
    }
  })
  const direction = imports.flatMap((found) => checkDirection(found, rules) ?? rules.checkExternal(found) ?? [])
  const all = [
    ...unknown,
    ...fullFolders(files),
    ...direction,
    ...checkTokenizerFiles(imports),
    ...findCycles(imports, sources),
  ]
  return all.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
}

/** A folder of more has a second idea in it. */
const MOST_SOURCES = 20

function fullFolders(files: readonly string[]): Violation[] {
  const folders = new Map<string, string[]>()
  for (const file of files) {
    const folder = posix.dirname(file)
    folders.set(folder, [...(folders.get(folder) ?? []), file])
  }
  return [...folders].flatMap(([folder, { length, [MOST_SOURCES]: file }]) => {
    if (file === undefined) return []
    return { file, line: 1, rule: `a folder holds at most ${MOST_SOURCES} sources: ${folder} has ${length}` }
  })
}

function isTest(file: string): boolean {
  return /\.(test|contract|test-d|bench)\.ts$/.test(file)
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : ''
}

/** Path of a relative import, as the source is named; `undefined` for packages. */
function targetOf({ file, specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
}

function listImports(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, isType: boolean, isLazy = false): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    found.push({ file, line, specifier: specifier.text, isType, isLazy })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node))
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** `import { type X }` is none: it leaves `import {}` behind, and the module is loaded. */
function isTypeImport(node: ts.ImportDeclaration): boolean {
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}

function checkDirection(found: Import, { allowed, typesFromAnywhere }: GraphRules): Violation | undefined {
  const { file, line, specifier, isType } = found
  const target = targetOf(found)
  if (target === undefined) return undefined
  if (BY_URL.includes(target) && !isType) return { file, line, rule: `${target} is only loaded by its URL` }
  if (target.startsWith('../')) return { file, line, rule: `${specifier} lies outside of the source folder` }
  if (ENTRIES.includes(target)) return { file, line, rule: `nothing but a test may import ${target}` }
  if (target === BUNDLED_RUNTIMES && file !== ONNX_ENTRY) {
    return { file, line, rule: `only ${ONNX_ENTRY} may import ${BUNDLED_RUNTIMES}` }
  }
  if (target === ONNX_ENTRY && file !== ENTRIES[1]) {
    return { file, line, rule: `only the entry nestling/onnx may import ${ONNX_ENTRY}` }
  }
  const [from, to] = [folderOf(file), folderOf(target)]
  if (STORE_BUNDLES.has(target) && !found.isLazy && !isType && !STORE_BUNDLES.has(file)) {
    return { file, line, rule: `${target} is only loaded by import(): the page's first bundle must stay small` }
  }
  if (ENTRIES.includes(file) || from === to) return undefined
  if (STORE_BUNDLES.has(file) && OF_STORE_BUNDLES.includes(to)) return undefined
  if (from === typesFromAnywhere && isType) return undefined
  const folders = allowed[from] ?? []
  if (folders.includes(to)) return undefined
  const types = from === typesFromAnywhere ? ', and others with "import type"' : ''
  const list = folders.length === 0 ? 'no other folder' : folders.join(', ')
  return { file, line, rule: `${from} may import ${list}${types}: it imports ${specifier}` }
}

function isPackage(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`)
}

function checkExternal({ file, line, specifier, isType }: Import): Violation | undefined {
  // Optional peer dependencies: those who do not use them have not installed them.
  const isPeer = ['@langchain/core', '@ai-sdk/provider'].some((name) => isPackage(specifier, name))
  if (isPeer && !(file.startsWith('adapters/') && isType)) {
    return { file, line, rule: `only adapters/ may import ${specifier}, with "import type"` }
  }
  // Where it takes the place of a file for browsers, or is imported by one that does.
  const isOfNode = file.endsWith('.node.ts') || file.startsWith('cli/')
  if ((specifier.startsWith('node:') || specifier.endsWith('.node')) && !isOfNode) {
    return { file, line, rule: `only files x.node.ts may import ${specifier}` }
  }
  if (isPackage(specifier, 'comlink')) {
    return { file, line, rule: 'only the kit may import comlink' }
  }
  if (isPackage(specifier, 'idb') && file !== DATABASE) {
    return { file, line, rule: `only ${DATABASE} may import idb` }
  }
  if (isPackage(specifier, '@huggingface/tokenizers') && !file.startsWith('tokenize/')) {
    return { file, line, rule: 'only one file of tokenize/ may import @huggingface/tokenizers' }
  }
  // For a bundle of its own, which is loaded by its URL: a real import would put 150 kB (gzip) into the worker.
  if (isPackage(specifier, '@huggingface/transformers') && file !== TRANSFORMERS) {
    return { file, line, rule: `only ${TRANSFORMERS} may import @huggingface/transformers` }
  }
  // The runtime is loaded by its URL in the worker; a real import would bundle megabytes.
  if (isPackage(specifier, 'onnxruntime-web') && !(file.startsWith('engine/onnx/') && isType)) {
    return { file, line, rule: 'only engine/onnx/ may import onnxruntime-web, with "import type"' }
  }
  return undefined
}

/** Rules of `packages/nestling`. */
const NESTLING_RULES: GraphRules = { allowed: ALLOWED, typesFromAnywhere: 'api', checkExternal }

function checkTokenizerFiles(imports: readonly Import[]): Violation[] {
  const inside = imports.filter(({ file, specifier }) => {
    return isPackage(specifier, '@huggingface/tokenizers') && file.startsWith('tokenize/')
  })
  const first = inside[0]?.file
  const others = inside.filter(({ file }) => file !== first)
  return others.map(({ file, line }) => {
    return { file, line, rule: `only one file may import @huggingface/tokenizers: ${first ?? ''} does already` }
  })
}

/** Finds one cycle for each import that closes one, by depth-first search. */
function findCycles(imports: readonly Import[], sources: ReadonlyMap<string, string>): Violation[] {
  const edges = new Map<string, Import[]>()
  for (const found of imports) edges.set(found.file, [...(edges.get(found.file) ?? []), found])
  const finished = new Set<string>()
  const path: string[] = []
  const cycles: Violation[] = []
  const visit = (file: string): void => {
    path.push(file)
    for (const edge of edges.get(file) ?? []) {
      const target = targetOf(edge)
      if (target === undefined || !sources.has(target) || finished.has(target)) continue
      const start = path.indexOf(target)
      if (start === -1) visit(target)
      else cycles.push({ file, line: edge.line, rule: `cycle: ${[...path.slice(start), target].join(' -> ')}` })
    }
    path.pop()
    finished.add(file)
  }
  for (const file of edges.keys()) {
    if (!finished.has(file)) visit(file)
  }
  return cycles
}

function readSources(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => name.replaceAll('\\', '/'))
  return new Map(files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

function main(): void {
  const rulesOf = {
    'packages/kit/src': KIT_RULES,
    'packages/nestling/src': NESTLING_RULES,
    'packages/search/src': SEARCH_RULES,
  }
  for (const [folder, rules] of Object.entries(rulesOf)) {
    const sources = readSources(join(dirname(fileURLToPath(import.meta.url)), '..', folder))
    const violations = checkPackageGraph(sources, rules)
    for (const { file, line, rule } of violations) console.error(`${folder}/${file}:${line}: ${rule}`)
    console.log(`Package graph: ${folder}, ${sources.size} files, ${violations.length} violations`)
    if (violations.length > 0) process.exitCode = 1
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
