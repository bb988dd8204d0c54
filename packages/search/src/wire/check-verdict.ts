import { show } from '@nestling/kit/options/show'
import { isThenable } from '@nestling/kit/options/value-kinds'

/**
 * Makes sure that a function of the caller answered: a promise is as good as `true` to JavaScript, and a forgotten `return` as `false`.
 *
 * @param what - The call, for the message.
 * @param name - The function, for the message.
 * @param verdict - What it gave.
 * @returns The answer.
 * @throws {TypeError} If it is neither `true` nor `false`.
 */
export function checkVerdict(what: string, name: string, verdict: unknown): boolean {
  if (typeof verdict === 'boolean') return verdict
  // Nobody waits for it: what it fails with is not to be reported as unhandled beside this error.
  if (isThenable(verdict)) verdict.then(undefined, () => undefined)
  const hint = isThenable(verdict)
    ? `Await what ${name} needs before the call, and answer from it without a promise`
    : `Return true or false from ${name}: write value === true, or Boolean(value)`
  throw new TypeError(`Cannot ${what} as ${name} must give true or false: current value is ${show(verdict)}\n${hint}`)
}
