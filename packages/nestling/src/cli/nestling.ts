import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { run } from './run.js'

process.exitCode = await run(process.argv.slice(2), {
  assetFolder: fileURLToPath(new URL('..', import.meta.url)),
  cwd: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
})
