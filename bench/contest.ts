import { cpus } from 'node:os'
import type { ContenderSpec, PeerSpec } from './page/contenders.js'
import type { Batching, PeerDtype } from './page/peer-protocol.js'

/** A contender and what it is compared with. */
export interface Entry {
  readonly spec: ContenderSpec
  readonly name: string
  /** The peer with as many threads, batches of 32 in the given order: names of its q8 and its fp32, where they are measured. */
  readonly bases: Partial<Readonly<Record<PeerDtype, string>>>
  /** Another way to call a contender that is measured too; one turn is enough, and only bulk work differs. */
  readonly isVariant: boolean
}

/** Threads of both sides in an isolated page: as many as the pool has workers by default. */
export const THREADS: number = Math.min(4, cpus().length)

/** Computes in float32, on float32 weights where those are there; its vectors are what all are checked against. */
export const REFERENCE = 'nestling fp32, one worker'

const BATCHINGS: Readonly<Record<Batching, string>> = {
  given: 'batches of 32',
  sorted: 'sorted batches of 32',
  'one-call': 'one call',
}

/** Where a contest takes place. */
export interface Place {
  readonly isolated: boolean
  /** Whether the peer's model is there. */
  readonly hasPeer: boolean
  /** Whether a hardware adapter was found. */
  readonly hasGpu: boolean
}

/**
 * Lists who is measured.
 *
 * @returns Entries in the order in which they take turns.
 */
export function listEntries({ isolated, hasPeer, hasGpu }: Place): Entry[] {
  // Without isolation a page cannot have threads.
  const most = isolated ? THREADS : 1
  const peers = hasPeer ? peerEntries(most) : []
  const names = new Set(peers.map(({ name }) => name))
  const basesOf = (threads: number): Entry['bases'] => {
    const pairs = (['q8', 'fp32'] as const).map((dtype) => [dtype, peerName(dtype, 'given', threads)] as const)
    return Object.fromEntries(pairs.filter(([, name]) => names.has(name)))
  }
  return [
    nestling('nestling, pool', { device: 'wasm' }, basesOf(most)),
    nestling('nestling, one worker', { device: 'wasm', workers: 1 }, basesOf(1)),
    ...peers,
    { ...nestling(REFERENCE, { device: 'wasm', workers: 1, dtype: 'fp32' }, basesOf(1)), isVariant: true },
    ...(hasGpu ? gpuEntries(hasPeer) : []),
  ]
}

function nestling(
  name: string,
  options: Extract<ContenderSpec, { kind: 'nestling' }>['options'],
  bases: Entry['bases'],
): Entry {
  return { name, spec: { kind: 'nestling', name, options }, bases, isVariant: false }
}

function peerEntries(most: number): Entry[] {
  const entries = (['q8', 'fp32'] as const).flatMap((dtype) =>
    (['given', 'sorted', 'one-call'] as const).map((batching) => peer(dtype, batching, most)),
  )
  return most > 1 ? [...entries, peer('q8', 'given', 1)] : entries
}

function peer(dtype: PeerDtype, batching: Batching, threads: number): Entry {
  const name = peerName(dtype, batching, threads)
  const spec: PeerSpec = { kind: 'peer', name, dtype, device: 'wasm', threads, batching }
  return { name, spec, bases: {}, isVariant: batching !== 'given' }
}

function peerName(dtype: PeerDtype, batching: Batching, threads: number): string {
  return `transformers.js ${dtype}, ${BATCHINGS[batching]}${threads > 1 ? `, ${threads} threads` : ''}`
}

const GPU_PEER = 'transformers.js fp32, batches of 32, WebGPU'

function gpuEntries(hasPeer: boolean): Entry[] {
  const ours = nestling('nestling, WebGPU', { device: 'webgpu' }, hasPeer ? { fp32: GPU_PEER } : {})
  if (!hasPeer) return [ours]
  const spec: PeerSpec = {
    kind: 'peer',
    name: GPU_PEER,
    dtype: 'fp32',
    device: 'webgpu',
    threads: 1,
    batching: 'given',
  }
  return [ours, { name: GPU_PEER, spec, bases: {}, isVariant: false }]
}
