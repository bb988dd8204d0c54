import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { SocketLocks, socketAddress } from './socket-locks.node.js'

const folder = mkdtempSync(join(tmpdir(), 'nestling-locks-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const ways = {
  'sockets of the platform': (name: string) => socketAddress(`${folder}${name}`),
  'sockets that are files': (name: string) => join(folder, `${name}.sock`),
}

/** A process that listens on a socket, as a holder does. */
async function holdElsewhere(address: string): Promise<ChildProcess> {
  const code = `require('node:net').createServer().listen(${JSON.stringify(address)}, () => console.log('held'))`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

describe.each(Object.entries(ways))('locks by %s', (way, addressOf) => {
  const locks = new SocketLocks(addressOf)

  it('are held by one at a time, and those who wait get them in turn', async () => {
    let holders = 0
    const seen: number[] = []
    const hold = async (): Promise<void> => {
      seen.push(++holders)
      await new Promise((resolve) => setTimeout(resolve, 5))
      holders--
    }
    await Promise.all(Array.from({ length: 8 }, () => locks.request('turns', {}, hold)))
    expect(seen).toEqual(Array.from({ length: 8 }, () => 1))
  })

  it('say at once that they are taken, and are free after that', async () => {
    const look = (): Promise<boolean> => locks.request('look', { ifAvailable: true }, (lock) => lock !== null)
    expect(await locks.request('look', {}, look)).toBe(false)
    expect(await look()).toBe(true)
  })

  it('give what the holder gives, and are free when it throws', async () => {
    await expect(locks.request('throws', {}, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    expect(await locks.request('throws', {}, (lock) => lock?.name)).toBe('throws')
  })

  it('can be waited for until a signal', async () => {
    const controller = new AbortController()
    await locks.request('signal', {}, async () => {
      const waiting = locks.request('signal', { signal: controller.signal }, () => 'held')
      controller.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
    })
    expect(await locks.request('signal', {}, () => 'held')).toBe('held')
  })

  it('come back from a process that is killed', async () => {
    const address = addressOf('killed')
    const child = await holdElsewhere(address)
    expect(await locks.request('killed', { ifAvailable: true }, (lock) => lock)).toBeNull()
    const waiting = locks.request('killed', {}, (lock) => lock?.name)
    child.kill('SIGKILL')
    expect(await waiting).toBe('killed')
  })

  it('end with an error where the socket cannot be had', async () => {
    writeFileSync(join(folder, 'file'), '')
    const broken = new SocketLocks(() => join(folder, 'file', way))
    await expect(broken.request('x', {}, () => 'held')).rejects.toMatchObject({ code: expect.any(String) as string })
  })
})

it('sockets have names that each platform takes', () => {
  expect(socketAddress('a', 'win32')).toMatch(/^\\\\\.\\pipe\\nestling-[\da-f]{32}$/)
  expect(socketAddress('a', 'linux')).toMatch(/^\0nestling-[\da-f]{32}$/)
  expect(socketAddress('a', 'darwin')).toMatch(/nestling-[\da-f]{32}\.sock$/)
  expect(socketAddress('a', 'darwin').length).toBeLessThan(104)
})
