import { defineCommand, type Command } from '../arguments/command.js'
import { EXIT } from '../cli-error.js'
import type { Asset } from '../copy-assets/asset.js'
import { copyAssets } from '../copy-assets/copy-assets.js'
import { modelAssets } from '../copy-assets/model-assets.js'
import { packageAssets, type AssetSet } from '../copy-assets/package-assets.js'

/** Cloudflare Pages takes no larger file; others have limits near it. */
const HOST_LIMIT_BYTES = 25 * 2 ** 20

const MEBIBYTE = 2 ** 20

/** Copies what a site has to serve. */
export const COPY_ASSETS: Command = defineCommand({
  name: 'copy-assets',
  summary: 'Copies worker and WebAssembly to a folder that your site serves.',
  about: [
    'Copies what nestling loads at run time (worker and WebAssembly) into a folder that your site serves; give its URL to load() as assetBaseUrl. Run it again after every update of nestling.',
  ],
  positionals: [{ name: 'DIR', about: 'the folder; it is made where it is missing' }],
  options: {
    model: {
      type: 'string',
      value: 'NAME',
      isList: true,
      about: 'Copies the files of a model package too, below DIR/models/.',
    },
    modules: {
      type: 'boolean',
      about: "Copies index.js and its parts too, and the model's, for pages without a bundler.",
    },
    onnx: { type: 'boolean', about: "Copies what engine: 'onnx' loads too: onnxruntime-web, for WASM and for WebGPU." },
    transformers: { type: 'boolean', about: "Copies what engine: 'transformers' loads too." },
    asyncify: {
      type: 'boolean',
      about:
        'Copies what these need for WebGPU without JSPI too (25.5 MiB in one file, more than some hosts take); alone, with what --onnx copies.',
    },
    json: { type: 'boolean', about: 'Prints what was done as JSON.' },
  },
  examples: ['npx nestling copy-assets public/nestling --model @nestling/minilm-l6'],
  async run([target = ''], { model: models, json, ...wanted }, { assetFolder, cwd, print }) {
    const sets = setsOf(wanted)
    const ofModels: Asset[] = []
    for (const name of models) {
      ofModels.push(...(await modelAssets(name, { from: cwd, hasModules: wanted.modules })))
    }
    // Worker and modules come last, as they name the others.
    const assets = [...ofModels, ...packageAssets(assetFolder, sets)]
    const { copied, unchanged } = copyAssets(assets, target)
    const large = assets.filter((asset) => asset.sizeBytes > HOST_LIMIT_BYTES)
    if (json) {
      print(JSON.stringify({ target, copied: pathsOf(copied), unchanged: pathsOf(unchanged), large: pathsOf(large) }))
      return EXIT.ok
    }
    print(`${target}: ${inWords(copied)} copied, ${inWords(unchanged)} up to date`)
    for (const { path, sizeBytes } of large) {
      print(`${path} has ${mebibytes(sizeBytes)}: some hosts take no file over ${HOST_LIMIT_BYTES / MEBIBYTE} MiB`)
    }
    return EXIT.ok
  },
})

function setsOf(wanted: {
  readonly modules: boolean
  readonly onnx: boolean
  readonly asyncify: boolean
  readonly transformers: boolean
}): AssetSet[] {
  const { modules, asyncify, transformers } = wanted
  const onnx = wanted.onnx || (asyncify && !transformers)
  return [
    ...(onnx ? (['onnx'] as const) : []),
    ...(onnx && asyncify ? (['onnx-asyncify'] as const) : []),
    ...(transformers ? (['transformers'] as const) : []),
    ...(transformers && asyncify ? (['transformers-asyncify'] as const) : []),
    'default',
    ...(modules ? (['modules'] as const) : []),
  ]
}

function pathsOf(assets: readonly Asset[]): string[] {
  return assets.map(({ path }) => path)
}

function inWords(assets: readonly Asset[]): string {
  const sizeBytes = assets.reduce((sum, asset) => sum + asset.sizeBytes, 0)
  return `${assets.length} ${assets.length === 1 ? 'file' : 'files'} (${mebibytes(sizeBytes)})`
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / MEBIBYTE).toFixed(1)} MiB`
}
