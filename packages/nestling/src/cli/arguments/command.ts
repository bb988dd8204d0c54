import type { ExitCode } from '../cli-error.js'
import type { CommandContext } from '../command-context.js'
import type { AnyValue, OptionSpecs, ValuesOf } from './option.js'

/** Something that stands in its place on the command line. */
export interface Positional {
  /** What the help calls it, in capitals. */
  readonly name: string
  /** What it is. */
  readonly about: string
  /** The only texts it takes. */
  readonly choices?: readonly string[]
}

/** What a command declares; its help is made of it. */
interface Declaration<O extends OptionSpecs> {
  readonly name: string
  /** What it does, in the list of commands. */
  readonly summary: string
  /** What it does, in its own help: paragraphs. */
  readonly about: readonly string[]
  readonly positionals: readonly Positional[]
  readonly options: O
  /** Commands that work as they stand. */
  readonly examples: readonly string[]
}

/** A command of which every option is known by its type. */
export interface CommandSpec<O extends OptionSpecs> extends Declaration<O> {
  /**
   * Does it.
   *
   * @param positionals - As many as were declared.
   * @returns What the process ends with. Failures are thrown.
   */
  run(positionals: readonly string[], values: ValuesOf<O>, context: CommandContext): Promise<ExitCode>
}

/** A command as the list of them knows it. */
export interface Command extends Declaration<OptionSpecs> {
  /** Does it, with what the arguments gave. */
  readonly start: (
    positionals: readonly string[],
    values: Readonly<Record<string, AnyValue>>,
    context: CommandContext,
  ) => Promise<ExitCode>
}

/**
 * Makes a command one of a list.
 *
 * @param spec - Its declaration and what it does.
 */
export function defineCommand<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  const { name, summary, about, positionals, options, examples } = spec
  return {
    ...{ name, summary, about, positionals, options, examples },
    // The parser gives each option what its declaration says.
    start: (given, values, context) => spec.run(given, values as ValuesOf<O>, context),
  }
}
