import { createHash } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** What is done while a lock is held; `null` where it is not to be had. */
type Holder<T> = (lock: { readonly name: string } | null) => T | Promise<T>

/** What a connection meets whose owner has just ended. */
const GONE: readonly string[] = ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE']

/** Digits of a name's digest: macOS takes paths of up to 103 bytes. */
const NAME_DIGITS = 32

/**
 * Names a socket that one process of this machine can listen on. Windows and Linux forget it with the process; elsewhere its file stays.
 *
 * @param name - Anything.
 */
export function socketAddress(name: string, platform: string = process.platform): string {
  const id = `nestling-${createHash('sha256').update(name).digest('hex').slice(0, NAME_DIGITS)}`
  if (platform === 'win32') return `\\\\.\\pipe\\${id}`
  return platform === 'linux' ? `\0${id}` : join(tmpdir(), `${id}.sock`)
}

/**
 * Web Locks between threads and processes of one machine: who listens on a socket has the lock. The system takes it back from a process or
 * thread that ends in whatever way, and wakes those who wait.
 */
export class SocketLocks {
  readonly #addressOf: (name: string) => string

  /** @param addressOf - Names the socket of a lock. */
  constructor(addressOf: (name: string) => string) {
    this.#addressOf = addressOf
  }

  /** As `LockManager.request`, of exclusive locks alone. */
  async request<T>(
    name: string,
    { ifAvailable = false, signal }: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    holder: Holder<T>,
  ): Promise<T> {
    const address = this.#addressOf(name)
    signal?.throwIfAborted()
    for (;;) {
      const held = await listen(address)
      if (held !== undefined) {
        try {
          return await holder({ name })
        } finally {
          await held()
        }
      }
      signal?.throwIfAborted()
      const owner = await lookAt(address, ifAvailable, signal)
      if (owner === 'here') return holder(null)
      if (owner === 'only-its-file') await unlink(address).catch(() => undefined)
    }
  }
}

/** Takes a socket; gives what lets it go, and `undefined` where another one has it. */
function listen(path: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>()
    const server = createServer((socket) => {
      waiting.add(socket)
      socket.unref()
      socket.on('error', () => undefined)
      socket.on('close', () => waiting.delete(socket))
    })
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    // A holder that nobody waits for must not keep the process.
    server.unref()
    // In a cluster the first process would listen for all of them.
    server.listen({ path, exclusive: true }, () => {
      resolve(() => end(server, waiting))
    })
  })
}

function end(server: Server, waiting: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    for (const socket of waiting) socket.destroy()
  })
}

/** Asks for the owner of a socket, and waits for its end unless this is only a look. */
function lookAt(
  path: string,
  isLook: boolean,
  signal: AbortSignal | undefined,
): Promise<'here' | 'gone' | 'only-its-file'> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const onAbort = (): void => {
      socket.destroy()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.on('connect', () => {
      if (!isLook) return
      resolve('here')
      socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isFile = process.platform !== 'win32' && !path.startsWith('\0')
      if (error.code === 'ECONNREFUSED' && isFile) resolve('only-its-file')
      else if (GONE.includes(error.code ?? '')) resolve('gone')
      else reject(error)
    })
    socket.on('close', () => {
      signal?.removeEventListener('abort', onAbort)
      resolve('gone')
    })
  })
}
