import { describe, expect, it } from 'vitest'
import { CliError, EXIT } from '../cli-error.js'
import { closestName } from './closest-name.js'
import { defineCommand } from './command.js'
import { helpText } from './help-text.js'
import { parseArguments } from './parse-arguments.js'

const COMMAND = defineCommand({
  name: 'cook',
  summary: 'Cooks.',
  about: ['Cooks a dish.'],
  positionals: [
    { name: 'DISH', about: 'what to cook', choices: ['soup', 'rice'] },
    { name: 'POT', about: 'where' },
  ],
  options: {
    heat: { type: 'count', value: 'N', about: 'How hot.' },
    salt: { type: 'string', value: 'KIND', choices: ['sea', 'rock'], about: 'Which salt.' },
    herb: { type: 'string', value: 'NAME', isList: true, about: 'An herb.' },
    lid: { type: 'string', value: 'NAME', short: 'l', about: 'A lid.' },
    quiet: { type: 'boolean', short: 'q', about: 'Makes no noise.' },
  },
  examples: ['npx nestling cook soup pot'],
  run: () => Promise.resolve(EXIT.ok),
})

const parse = (...args: string[]): ReturnType<typeof parseArguments> => parseArguments(COMMAND, args)

/** The message of what parsing throws. */
function refusal(...args: string[]): string {
  try {
    parse(...args)
  } catch (error) {
    if (error instanceof CliError && error.exitCode === 2) return error.message
    throw error
  }
  return expect.unreachable(`${args.join(' ')} was taken`)
}

describe('parseArguments()', () => {
  it('gives every option its value, wherever it stands', () => {
    const { positionals, values, isHelp } = parse(
      '--heat',
      '3',
      'soup',
      '-q',
      'pot',
      '--herb=a',
      '--herb',
      'b',
      '-l',
      'x',
    )
    expect(positionals).toEqual(['soup', 'pot'])
    expect(values).toEqual({ heat: 3, salt: undefined, herb: ['a', 'b'], lid: 'x', quiet: true, help: false })
    expect(isHelp).toBe(false)
  })

  it('takes what begins with a dash behind = and --', () => {
    expect(parse('soup', '--lid=-1', '--', '-pot').positionals).toEqual(['soup', '-pot'])
    expect(parse('soup', '--lid=-1', '--', '-pot').values['lid']).toBe('-1')
    expect(parse('soup', '-').positionals).toEqual(['soup', '-'])
  })

  it('lets --help win over what else is wrong', () => {
    expect(parse('--heat', 'x', '--nothing', '--help').isHelp).toBe(true)
    expect(parse('-h').isHelp).toBe(true)
  })

  it.each([
    [['soup', 'pot', '--heta', '3'], /no option --heta\nDid you mean --heat\?/],
    [['soup', 'pot', '--qui'], /no option --qui\nDid you mean --quiet\?/],
    [['soup', 'pot', '--zzz'], /no option --zzz\nIt has --heat, --salt, --herb, --lid, --quiet, --help/],
    [['soup', 'pot', '-z'], /no option -z\n/],
    [['soup', 'pot', '--constructor', '1'], /no option --constructor/],
    [['soup', 'pot', '--heat'], /--heat must be followed by N/],
    [['soup', 'pot', '--lid', '--quiet'], /--lid must be followed by NAME/],
    [['soup', 'pot', '--lid='], /--lid must be followed by NAME/],
    [['soup', 'pot', '--heat', '0'], /--heat must be a positive integer: current value is 0/],
    [['soup', 'pot', '--heat=-3'], /positive integer: current value is -3/],
    [['soup', 'pot', '--heat', '1e3'], /positive integer: current value is 1e3/],
    [['soup', 'pot', '--heat', '9007199254740993'], /positive integer/],
    [['soup', 'pot', '--heat', '1', '--heat', '2'], /--heat may be given once/],
    [['soup', 'pot', '--salt', 'see'], /--salt must be one of sea, rock: current value is see\nDid you mean sea\?/],
    [['soup', 'pot', '--quiet=yes'], /--quiet takes no value: current value is yes/],
    [[], /DISH must be named\nIt is what to cook/],
    [['soup'], /POT must be named/],
    [['stew', 'pot'], /DISH must be soup or rice: current value is stew/],
    [['soup', ''], /POT must not be empty/],
    [['soup', 'pot', 'lid'], /one argument too many: lid\nIt takes DISH POT/],
  ])('refuses %j', (args, message) => {
    const text = refusal(...args)
    expect(text).toMatch(message)
    expect(text).toMatch(/^Cannot run nestling cook as /)
    expect(text).toMatch(/; nestling cook --help tells all$/)
  })
})

describe('closestName()', () => {
  it('finds one with two letters wrong, missing, swapped or left out at the end', () => {
    expect(closestName('embd', ['plan', 'embed'])).toBe('embed')
    expect(closestName('mebed', ['plan', 'embed'])).toBe('embed')
    expect(closestName('eval', ['embed', 'evaluate'])).toBe('evaluate')
    expect(closestName('cat', ['dog', 'plan'])).toBeUndefined()
  })
})

describe('helpText()', () => {
  it('names all that the command takes, in 80 columns', () => {
    const text = helpText(COMMAND)
    expect(text).toContain('Usage: npx nestling cook DISH POT [options]')
    expect(text).toContain('  --salt KIND             Which salt. One of sea, rock.')
    expect(text).toContain('  -q, --quiet             Makes no noise.')
    expect(text).toContain('  --herb NAME             An herb. May be repeated.')
    expect(text).toContain('  npx nestling cook soup pot')
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})
