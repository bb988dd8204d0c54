import { writeSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { CliError, EXIT } from './cli-error.js'
import type { Terminal } from './command-context.js'
import { fileFailure } from './explain-error.js'
import { run } from './run.js'

const interruption = new AbortController()

/** The first asks the command to end well, the second ends the process. */
function interrupt(name: NodeJS.Signals): void {
  if (interruption.signal.aborted) process.exit(EXIT.interrupted)
  interruption.abort(new CliError(`Ended by ${name}`, EXIT.interrupted))
}
process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)

/** A reader that has seen enough is no failure worth a word; a full disk is. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    writeSync(2, `Cannot write the standard output as ${fileFailure(error)}\n`)
  }
  process.exit(EXIT.failed)
})
process.stderr.on('error', () => undefined)

const terminal: Terminal | undefined = process.stderr.isTTY
  ? {
      get columns() {
        return process.stderr.columns
      },
      rewrite: (text) => process.stderr.write(`\r${text}\u001B[K`),
    }
  : undefined

process.exitCode = await run(process.argv.slice(2), {
  // This module is dist/cli/nestling.js.
  assetFolder: dirname(import.meta.dirname),
  cwd: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
  terminal,
  interruption: interruption.signal,
})
