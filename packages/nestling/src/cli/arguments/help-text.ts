import type { Command } from './command.js'
import type { OptionSpec, OptionSpecs } from './option.js'
import { HELP_OPTION } from './parse-arguments.js'

/** Columns of a help text: what terminals have at least. */
const WIDTH = 80

/** Columns before what an option does. */
const INDENT = 26

/**
 * Writes the help of a command, from its declaration.
 *
 * @param command - Which one.
 */
export function helpText(command: Command): string {
  const { name, about, positionals, options, examples } = command
  const places = positionals.map((one) => one.name).join(' ')
  const all: OptionSpecs = { ...options, help: HELP_OPTION }
  return [
    `Usage: npx nestling ${name} ${places}${places === '' ? '' : ' '}[options]`,
    ...about.map((paragraph) => `\n${wrap(paragraph, WIDTH).join('\n')}`),
    ...section(
      'Arguments',
      positionals.map((one) => entry(one.name, sentence(one.about))),
    ),
    ...section(
      'Options',
      Object.entries(all).map(([option, spec]) => entry(callOf(option, spec), aboutOf(spec))),
    ),
    ...section(
      'Examples',
      examples.map((example) => `  ${example}`),
    ),
  ].join('\n')
}

/**
 * Writes the list of commands.
 *
 * @param version - That of the package.
 */
export function overviewText(commands: readonly Command[], version: string): string {
  return [
    `nestling ${version}: sentence embeddings\n`,
    'Usage: npx nestling COMMAND [options]',
    ...section(
      'Commands',
      commands.map(({ name, summary }) => entry(name, summary)),
    ),
    '\nnpx nestling COMMAND --help tells all of a command.',
    'Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 interrupted.',
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n${title}:`, ...lines]
}

function entry(call: string, about: string): string {
  const lines = wrap(about, WIDTH - INDENT)
  const head = `  ${call}`
  const first = head.length + 2 > INDENT ? [head] : [`${head.padEnd(INDENT)}${lines.shift() ?? ''}`]
  return [...first, ...lines.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n')
}

function callOf(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `
  return `${short}--${name}${spec.type === 'boolean' ? '' : ` ${spec.value}`}`
}

function aboutOf(spec: OptionSpec): string {
  if (spec.type !== 'string') return spec.about
  const { about, choices, isList } = spec
  const more = [choices === undefined ? '' : `One of ${choices.join(', ')}.`, isList === true ? 'May be repeated.' : '']
  return [about, ...more].filter((text) => text !== '').join(' ')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
