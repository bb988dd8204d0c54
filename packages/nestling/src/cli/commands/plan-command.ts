import { defineCommand, type Command } from '../arguments/command.js'
import { EXIT } from '../cli-error.js'
import { findModel } from '../models/find-model.js'
import { importLibrary } from '../models/library.js'
import { MODEL_OPTIONS } from '../models/load-model.js'

const MEBIBYTE = 2 ** 20

/** Tells what a load would do. */
export const PLAN: Command = defineCommand({
  name: 'plan',
  summary: 'Tells what loading a model would run and download.',
  about: ['Tells what loading a model on this machine would run and download. Nothing is loaded.'],
  positionals: [{ name: 'MODEL', about: 'a package, a folder, a hub id (owner/name) or a URL' }],
  options: {
    dtype: MODEL_OPTIONS.dtype,
    json: { type: 'boolean', about: 'Prints the plan as JSON, with bytes.' },
  },
  examples: ['npx nestling plan @nestling/minilm-l6'],
  async run([name = ''], { dtype, json }, context) {
    const source = await findModel(name, context.cwd)
    const { plan } = await importLibrary(context.assetFolder)
    const found = await plan(source, { dtype, signal: context.interruption })
    if (json) {
      // JSON has no undefined, and a field that is missing looks like an older version.
      context.print(JSON.stringify({ ...found, modelBytes: found.modelBytes ?? null }))
      return EXIT.ok
    }
    const { device, engine, runtime, reason, isCached, modelBytes } = found
    context.print(`runs on    ${device}, engine ${engine}, ${runtime}`)
    context.print(`because    ${reason}`)
    context.print(`download   ${bytesInWords(modelBytes)}${isCached ? ', as the model is kept on this machine' : ''}`)
    return EXIT.ok
  },
})

function bytesInWords(bytes: number | undefined): string {
  if (bytes === undefined) return 'unknown, as the server does not tell'
  return bytes === 0 ? 'nothing' : `${(bytes / MEBIBYTE).toFixed(1)} MiB (${bytes} bytes)`
}
