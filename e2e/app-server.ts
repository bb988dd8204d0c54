import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import type { ConsumerApp } from './consumer-app.ts'

/** Frameworks compile before they answer. */
const START_TIMEOUT_MS = 180_000
const POLL_MS = 500

/** How an application's server is started. */
export interface AppServerOptions {
  /** Script of an installed package, a path below `node_modules`. */
  readonly script: string
  /** Its arguments, for a port. */
  readonly args: (port: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What runs the script; this Node by default. */
  readonly command?: string
}

/** A server of an application. */
export interface AppServer {
  /** Address of the page, with a slash at its end. */
  readonly url: string
  /** Ends it and what it started. */
  close(): void
}

/**
 * Starts a server of a tool that an application has installed, and waits until it gives a page.
 *
 * @param options - How.
 * @throws {Error} If the tool ends before, or takes too long; the message has what it printed.
 */
export async function startAppServer(
  app: ConsumerApp,
  { script, args, env = {}, command = process.execPath }: AppServerOptions,
): Promise<AppServer> {
  const port = String(await freePort())
  const child = spawn(command, [join(app.folder, 'node_modules', script), ...args(port)], {
    cwd: app.folder,
    env: { ...process.env, CI: '1', NO_COLOR: '1', ...env },
    // A group of its own: tools start others.
    detached: true,
  })
  const close = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid, 'SIGKILL')
  }
  try {
    const url = `http://localhost:${port}/`
    await untilAnswered(child, url)
    return { url, close }
  } catch (error) {
    close()
    throw error
  }
}

async function untilAnswered(child: ChildProcess, url: string): Promise<void> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const end = Date.now() + START_TIMEOUT_MS
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${output}`)
    const isThere = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`the server gave no page within ${START_TIMEOUT_MS / 1000} s: ${output}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })
}
