import { parseArgs, type ParseArgsConfig } from 'node:util'
import { CliError, EXIT } from '../cli-error.js'
import { didYouMean } from './closest-name.js'
import type { Command, Positional } from './command.js'
import type { AnyValue, OptionSpec, OptionSpecs } from './option.js'

/** What the arguments of a command said. */
export interface ParsedArguments {
  readonly isHelp: boolean
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, AnyValue>>
}

/** Every command has it. */
export const HELP_OPTION: OptionSpec = { type: 'boolean', short: 'h', about: 'Prints this text.' }

/**
 * Reads the arguments of a command. `--help` wins over whatever else is wrong.
 *
 * @param args - What stands behind the command's name.
 * @throws {CliError} Of exit code 2 if an option is unknown, lacks its value or has a wrong one, or positionals are missing or too many.
 */
export function parseArguments(command: Command, args: readonly string[]): ParsedArguments {
  const options: OptionSpecs = { ...command.options, help: HELP_OPTION }
  const { tokens } = parseArgs({
    args: [...args],
    options: nodeOptions(options),
    // Messages of our own say what is known.
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const isHelp = tokens.some((token) => token.kind === 'option' && token.name === 'help')
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const values = emptyValues(options)
  if (isHelp) return { isHelp, positionals, values }
  for (const token of tokens) {
    if (token.kind === 'option') readOption({ command, options, values }, token)
  }
  checkPositionals(command, positionals)
  return { isHelp, positionals, values }
}

/** Names of short options stand for long ones here too, so that tokens carry long names. */
function nodeOptions(options: OptionSpecs): NonNullable<ParseArgsConfig['options']> {
  const named = Object.entries(options).map(([name, { type, short }]) => {
    const taken = { type: type === 'boolean' ? ('boolean' as const) : ('string' as const), multiple: true }
    return [name, short === undefined ? taken : { ...taken, short }] as const
  })
  return Object.fromEntries(named)
}

function emptyValues(options: OptionSpecs): Record<string, AnyValue> {
  const empty = Object.entries(options).map(([name, spec]) => {
    const isList = spec.type === 'string' && spec.isList === true
    return [name, spec.type === 'boolean' ? false : isList ? [] : undefined] as const
  })
  return Object.fromEntries(empty)
}

interface Reading {
  readonly command: Command
  readonly options: OptionSpecs
  readonly values: Record<string, AnyValue>
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function readOption({ command, options, values }: Reading, { name, rawName, value, inlineValue }: OptionToken): void {
  const spec = Object.hasOwn(options, name) ? options[name] : undefined
  const refuse = (reason: string, advice: string): never => {
    throw misuse(command.name, reason, advice)
  }
  if (spec === undefined) {
    return refuse(`there is no option ${rawName}`, didYouMean(name, Object.keys(options), '--'))
  }
  if (spec.type === 'boolean') {
    if (value !== undefined) refuse(`${rawName} takes no value: current value is ${value}`, `Write ${rawName} alone`)
    values[name] = true
    return
  }
  if (value === undefined || value === '' || (inlineValue !== true && /^-./.test(value))) {
    return refuse(`${rawName} must be followed by ${spec.value}`, `A value that begins with - is written --${name}=-…`)
  }
  const isList = spec.type === 'string' && spec.isList === true
  if (isList) values[name] = [...(values[name] as readonly string[]), value]
  else if (values[name] !== undefined) refuse(`${rawName} may be given once`, 'Leave all but one out')
  else values[name] = spec.type === 'count' ? countOf(value, refuse, rawName) : chosen(value, spec, refuse, rawName)
}

type Refuse = (reason: string, advice: string) => never

function countOf(value: string, refuse: Refuse, rawName: string): number {
  const count = Number(value)
  if (/^\d+$/.test(value) && count > 0 && Number.isSafeInteger(count)) return count
  return refuse(`${rawName} must be a positive integer: current value is ${value}`, 'Write digits alone')
}

function chosen(
  value: string,
  { choices }: OptionSpec & { choices?: readonly string[] },
  refuse: Refuse,
  rawName: string,
): string {
  if (choices?.includes(value) !== false) return value
  return refuse(
    `${rawName} must be one of ${choices.join(', ')}: current value is ${value}`,
    didYouMean(value, choices),
  )
}

function checkPositionals({ name, positionals: declared }: Command, given: readonly string[]): void {
  const missing = declared[given.length]
  if (missing !== undefined) throw misuse(name, `${missing.name} must be named`, `It is ${missing.about}`)
  const extra = given[declared.length]
  if (extra !== undefined) {
    const list = declared.map((one) => one.name).join(' ')
    throw misuse(
      name,
      `there is one argument too many: ${extra}`,
      `It takes ${list || 'none'}; put quotes around spaces`,
    )
  }
  for (const [index, positional] of declared.entries()) checkChoice(name, positional, given[index] ?? '')
}

function checkChoice(command: string, { name, choices }: Positional, value: string): void {
  if (value === '') throw misuse(command, `${name} must not be empty`, `Name it`)
  if (choices?.includes(value) !== false) return
  throw misuse(
    command,
    `${name} must be ${choices.join(' or ')}: current value is ${value}`,
    didYouMean(value, choices),
  )
}

function misuse(command: string, reason: string, advice: string): CliError {
  return new CliError(
    `Cannot run nestling ${command} as ${reason}\n${advice}; nestling ${command} --help tells all`,
    EXIT.misuse,
  )
}
