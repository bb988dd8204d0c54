import { show } from '@nestling/kit/options/show'

/**
 * Checks that something is a text or a list of texts.
 *
 * @param what - The call, for the message.
 * @param input - What the caller gave.
 * @returns A list, with a single text as its only entry.
 * @throws {TypeError} If it is anything else.
 */
export function checkTexts(what: string, input: unknown): readonly string[] {
  if (typeof input === 'string') return [input]
  if (!Array.isArray(input)) {
    throw new TypeError(
      `Cannot ${what} as the input must be a string or a list of strings: current value is ${show(input)}`,
    )
  }
  for (let index = 0; index < input.length; index++) {
    const text: unknown = input[index]
    if (typeof text !== 'string') {
      throw new TypeError(
        `Cannot ${what} as every text must be a string: current value at index ${index} is ${show(text)}`,
      )
    }
  }
  return input as readonly string[]
}
