import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fixturePath } from '@nestling/testing/disk'
import { expect } from 'vitest'

/** Folder of `packages/nestling`. */
export const PACKAGE: string = join(import.meta.dirname, '../..')
/** What npm links as `nestling`. */
export const BIN: string = join(PACKAGE, 'bin/nestling.js')

/** A model that loads in tenths of a second. */
export const MODEL: string = fixturePath('bert-mean-normalize', '').replace(/\/$/, '')

/** What a command printed and ended with. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly errors: string
}

/** How a command is started. */
export interface StartOptions {
  readonly cwd?: string
  readonly stdin?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Without what pnpm adds, where node finds the packages of this repository from every folder. */
export const ENVIRONMENT: NodeJS.ProcessEnv = { ...process.env, NODE_PATH: '' }

/** Starts the tool that users start, from the folder of the package, which has the default model. */
export function start(args: readonly string[], { cwd = PACKAGE, env = {} }: StartOptions = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { cwd, env: { ...ENVIRONMENT, ...env }, stdio: 'pipe' })
}

/** Waits for the end of a command. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const streams = [child.stdout, child.stderr].map(async (stream) => (stream === null ? '' : text(stream)))
  const [code] = (await once(child, 'close')) as [number | null]
  const [out = '', errors = ''] = await Promise.all(streams)
  return { code, out, errors }
}

/** Runs a command to its end. */
export function run(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const child = start(args, options)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(options.stdin ?? '')
  return ended(child)
}

/** Runs a command that must work. */
export async function runWell(args: readonly string[], options: StartOptions = {}): Promise<string> {
  const { code, out, errors } = await run(args, options)
  expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' })
  return out
}

/** An array of numpy's, read by its header. */
export interface NpyArray {
  readonly type: string
  readonly shape: readonly number[]
  readonly bytes: Buffer
}

/** Reads a `.npy` file. */
export function readNpy(path: string): NpyArray {
  const file = readFileSync(path)
  const start = 10 + file.readUInt16LE(8)
  const head = file.toString('latin1', 10, start)
  const [, type = ''] = /'descr': '([^']+)'/.exec(head) ?? []
  const [, shape = ''] = /'shape': \(([^)]*)\)/.exec(head) ?? []
  return { type, shape: shape.split(',').map(Number), bytes: file.subarray(start) }
}

/** Numbers of an array of float32. */
export function floatsOf({ bytes }: NpyArray): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer)
}

/** Rows that the state of an unfinished file counts. */
export function rowsKept(out: string): number {
  const state = `${out}.part.json`
  if (!existsSync(state)) return 0
  return (JSON.parse(readFileSync(state, 'utf8')) as { rows: number }).rows
}

/** Waits until so many rows are kept. */
export async function untilKept(out: string, rows: number, child: ChildProcess): Promise<void> {
  while (rowsKept(out) < rows && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2))
}
