import { parseArgs } from 'node:util'
import type { Asset } from './asset.js'
import { copyAssets } from './copy-assets.js'
import { CopyAssetsError } from './copy-assets-error.js'
import { modelAssets } from './model-assets.js'
import { messageOf, packageAssets, type AssetSet } from './package-assets.js'

/** Where a command runs and prints. */
export interface CommandContext {
  /** The package's `dist`. */
  readonly assetFolder: string
  /** Working directory; model packages are found from here. */
  readonly cwd: string
  /** Prints a line to the standard output. */
  readonly print: (line: string) => void
  /** Prints a line to the standard error. */
  readonly printError: (line: string) => void
}

const HELP = `Usage: npx nestling copy-assets DIR [options]

Copies what nestling loads at run time (worker and WebAssembly) into a folder that your site
serves; give its URL to load() as assetBaseUrl. Run it again after every update of nestling.

  --model NAME      copy the files of a model package too, below DIR/models/; may be repeated
  --modules         copy index.js and its parts too, and the model's, for pages without a bundler
  --asyncify        copy onnxruntime-web for WebGPU without JSPI too (25.5 MiB in one file,
                    more than some hosts take)
  --transformers    copy what engine: 'transformers' loads too
  --help            print this text`

/** Cloudflare Pages takes no larger file; others have limits near it. */
const HOST_LIMIT_BYTES = 25 * 2 ** 20

const MEBIBYTE = 2 ** 20

/** Exit status of a command that was called wrongly, as shells use it. */
const MISUSE = 2

/**
 * Runs the command line tool.
 *
 * @param args - Arguments behind the tool's name.
 * @returns Exit status: 0, 1 where nothing was copied, 2 for wrong arguments.
 */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args)
  if (typeof parsed === 'string') {
    context.printError(`${parsed}\n\n${HELP}`)
    return MISUSE
  }
  if (parsed.isHelp) {
    context.print(HELP)
    return 0
  }
  try {
    await copy(parsed, context)
    return 0
  } catch (error) {
    if (!(error instanceof CopyAssetsError)) throw error
    context.printError(`${error.code}: ${error.message}`)
    return 1
  }
}

interface Command {
  readonly isHelp: boolean
  readonly target: string
  readonly sets: readonly AssetSet[]
  readonly models: readonly string[]
}

const OPTIONS = {
  model: { type: 'string', multiple: true, default: [] as string[] },
  modules: { type: 'boolean', default: false },
  asyncify: { type: 'boolean', default: false },
  transformers: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Gives what is wrong as a text. */
function parse(args: readonly string[]): Command | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...OPTIONS }, allowPositionals: true })
    const [name, target, ...rest] = positionals
    const command = { isHelp: values.help, target: target ?? '', sets: setsOf(values), models: values.model }
    if (values.help) return command
    if (name !== 'copy-assets')
      return `Cannot run nestling as the command must be copy-assets: current value is ${name}`
    if (target === undefined || target === '') return 'Cannot copy assets as DIR must be named'
    if (rest.length > 0)
      return `Cannot copy assets as there must be one DIR: current value is ${[target, ...rest].join(' ')}`
    return command
  } catch (error) {
    return `Cannot run nestling as the arguments are wrong: ${messageOf(error)}`
  }
}

function setsOf(values: {
  readonly modules: boolean
  readonly asyncify: boolean
  readonly transformers: boolean
}): AssetSet[] {
  const { modules, asyncify, transformers } = values
  return [
    ...(asyncify ? (['asyncify'] as const) : []),
    ...(transformers ? (['transformers'] as const) : []),
    ...(transformers && asyncify ? (['transformers-asyncify'] as const) : []),
    'default',
    ...(modules ? (['modules'] as const) : []),
  ]
}

async function copy({ target, sets, models }: Command, { assetFolder, cwd, print }: CommandContext): Promise<void> {
  const ofModels: Asset[] = []
  for (const name of models)
    ofModels.push(...(await modelAssets(name, { from: cwd, hasModules: sets.includes('modules') })))
  // Worker and modules come last, as they name the others.
  const assets = [...ofModels, ...packageAssets(assetFolder, sets)]
  const { copied, unchanged } = copyAssets(assets, target)
  print(`${target}: ${inWords(copied)} copied, ${inWords(unchanged)} up to date`)
  for (const { path, sizeBytes } of assets.filter((asset) => asset.sizeBytes > HOST_LIMIT_BYTES)) {
    print(`${path} has ${mebibytes(sizeBytes)}: some hosts take no file over ${HOST_LIMIT_BYTES / MEBIBYTE} MiB`)
  }
}

function inWords(assets: readonly Asset[]): string {
  const sizeBytes = assets.reduce((sum, asset) => sum + asset.sizeBytes, 0)
  return `${assets.length} ${assets.length === 1 ? 'file' : 'files'} (${mebibytes(sizeBytes)})`
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / MEBIBYTE).toFixed(1)} MiB`
}
