import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { didYouMean } from './arguments/closest-name.js'
import type { Command } from './arguments/command.js'
import { helpText, overviewText } from './arguments/help-text.js'
import { parseArguments } from './arguments/parse-arguments.js'
import { EXIT, type ExitCode } from './cli-error.js'
import type { CommandContext } from './command-context.js'
import { COPY_ASSETS } from './commands/copy-assets-command.js'
import { EMBED } from './commands/embed-command.js'
import { EVALUATE } from './commands/evaluate-command.js'
import { PLAN } from './commands/plan-command.js'
import { SEARCH } from './commands/search-command.js'
import { SIMILARITY } from './commands/similarity-command.js'
import { explainError } from './explain-error.js'

/** In the order of the help. */
const COMMANDS: readonly Command[] = [EMBED, SIMILARITY, SEARCH, EVALUATE, PLAN, COPY_ASSETS]

/**
 * Runs the command line tool. Nothing is thrown: a failure is one line on the standard error and mostly a second that says what to do.
 *
 * @param args - Arguments behind the tool's name.
 * @returns What the process ends with.
 */
export async function run(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [name, ...rest] = args
  const overview = (): string => overviewText(COMMANDS, versionOf(context))
  if (name === undefined) {
    context.printError(overview())
    return EXIT.misuse
  }
  if (['--help', '-h', 'help'].includes(name)) return print(context, overview())
  if (['--version', '-v'].includes(name)) return print(context, versionOf(context))
  const command = COMMANDS.find((one) => one.name === name)
  if (command === undefined) {
    const names = COMMANDS.map((one) => one.name)
    context.printError(`Cannot run nestling as there is no command ${name}\n${didYouMean(name, names)}`)
    return EXIT.misuse
  }
  try {
    const { isHelp, positionals, values } = parseArguments(command, rest)
    return isHelp ? print(context, helpText(command)) : await command.start(positionals, values, context)
  } catch (error) {
    context.terminal?.rewrite('')
    const { text, exitCode } = explainError(error)
    context.printError(text)
    return exitCode
  }
}

function print(context: CommandContext, text: string): ExitCode {
  context.print(text)
  return EXIT.ok
}

function versionOf({ assetFolder }: CommandContext): string {
  const { version } = JSON.parse(readFileSync(join(assetFolder, '../package.json'), 'utf8')) as { version: string }
  return version
}
