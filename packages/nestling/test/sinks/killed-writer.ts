import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

/** What a process is to write. */
export interface Writing {
  readonly target: string
  /** Where its packages are. */
  readonly cwd: string
  readonly rows: number
  readonly batch: number
}

/** How a process ended. */
export interface Written {
  /** Lines of its standard output. */
  readonly lines: readonly string[]
  readonly errors: string
  readonly status: number | null
}

/**
 * Runs `write-to-sink.ts`.
 *
 * @param writing - What it writes.
 * @param killAt - It is killed (SIGKILL) when it has said that so many rows are kept, while it writes the next.
 */
export async function runWriter({ target, cwd, rows, batch }: Writing, killAt: number = Infinity): Promise<Written> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const script = join(import.meta.dirname, 'write-to-sink.ts')
  // What starts vitest may set it, and every package would be found from everywhere.
  const env = { ...process.env, NODE_PATH: '' }
  const options = ['--import', tsx, script, target, cwd, String(rows), String(batch)]
  const child = spawn(process.execPath, options, { env })
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    if (Number(line) >= killAt) child.kill('SIGKILL')
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { lines, errors, status }
}
