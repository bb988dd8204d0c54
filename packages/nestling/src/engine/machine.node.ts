import { availableParallelism, totalmem } from 'node:os'
import process from 'node:process'
import type { Machine } from './machine-facts.js'

/** Looks at what is here. */
export function machine(): Machine {
  return {
    cores: availableParallelism(),
    memoryGib: totalmem() / 2 ** 30,
    canShare: true,
    userAgent: `Node ${process.version} ${process.arch}`,
  }
}
