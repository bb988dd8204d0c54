import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import type { ConsumerApp } from './consumer-app.ts'

/** Path of Vite's command below `node_modules`. */
export const VITE = 'vite/bin/vite.js'

/** What shows the pages of an application. */
export interface ViteServer {
  /** Address that it printed. */
  readonly url: string
  /** Ends it. */
  close(): void
}

/**
 * Starts a server of the Vite that an application has installed, and waits for the address that it prints.
 *
 * @param args - Arguments of Vite.
 * @throws {Error} If Vite ends before.
 */
export async function startVite(app: ConsumerApp, ...args: readonly string[]): Promise<ViteServer> {
  const child = spawn(process.execPath, [join(app.folder, 'node_modules', VITE), ...args], { cwd: app.folder })
  const url = await addressOf(child)
  return { url, close: () => void child.kill() }
}

function addressOf(child: ChildProcess): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      reject(new Error(`vite ended with ${code}: ${output}`))
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      // Vite colours the port.
      output += chunk.toString().replace(/\u001b\[\d+m/g, '')
      const url = /http:\/\/localhost:\d+\/\S*/.exec(output)?.[0]
      if (url !== undefined) resolve(url)
    })
  })
}
