import { embedderContender, type Contender, type MeasuredEmbedder } from '../measure/contender.js'
import { Peer } from './peer.js'
import type { Batching, PeerDtype } from './peer-protocol.js'

/** Where the page finds what it runs. */
export interface PageUrls {
  readonly nestling: string
  readonly model: string
  /** Folder of the default model in float32; `undefined` where it is not there. */
  readonly floatModel: string | undefined
  readonly peerWorker: string
  /** Folder of the peer's onnxruntime-web, with a slash at its end. */
  readonly peerWasm: string
  /** Origin, with a slash at its end. */
  readonly host: string
}

/** nestling, with all other options as they are by default. */
export interface NestlingSpec {
  readonly kind: 'nestling'
  readonly name: string
  readonly options: {
    readonly device: 'wasm' | 'webgpu'
    readonly workers?: number
    readonly dtype?: 'fp32'
  }
}

/** transformers.js; those that differ in batching alone share a worker. */
export interface PeerSpec {
  readonly kind: 'peer'
  readonly name: string
  readonly dtype: PeerDtype
  readonly device: 'wasm' | 'webgpu'
  readonly threads: number
  readonly batching: Batching
}

/** A contender to be loaded. */
export type ContenderSpec = NestlingSpec | PeerSpec

/** The embedder of a contender that is nestling. */
export interface PageEmbedder extends MeasuredEmbedder {
  countTokens(texts: readonly string[]): Promise<Int32Array>
  readonly report: MeasuredEmbedder['report'] & {
    readonly device: string
    readonly engine: string
    readonly runtime: string
    readonly dtype: string
    readonly threads: number
  }
}

/** A contender that is loaded. */
export interface Loaded {
  readonly spec: ContenderSpec
  readonly contender: Contender
  /** Of nestling alone. */
  readonly embedder: PageEmbedder | undefined
}

/** The folder's name below `peers/`. */
const PEER_MODEL = 'all-MiniLM-L6-v2'

const peers = new Map<string, Promise<Peer>>()

/**
 * Loads a contender.
 *
 * @param urls - Where its files are.
 */
export async function loadContender(spec: ContenderSpec, urls: PageUrls): Promise<Loaded> {
  if (spec.kind === 'nestling') {
    const embedder = await loadEmbedder(spec, urls)
    return { spec, embedder, contender: embedderContender(spec.name, embedder) }
  }
  const peer = await loadPeer(spec, urls)
  const contender: Contender = {
    name: spec.name,
    encode: (texts) => peer.encode(texts, spec.batching),
    encodeQuery: (text) => peer.encode([text], spec.batching),
  }
  return { spec, embedder: undefined, contender }
}

async function loadEmbedder({ options }: NestlingSpec, urls: PageUrls): Promise<PageEmbedder> {
  const [library, model] = await Promise.all([
    import(/* @vite-ignore */ urls.nestling) as Promise<{
      load(model: unknown, options: object): Promise<PageEmbedder>
    }>,
    import(/* @vite-ignore */ urls.model) as Promise<{ minilmL6: unknown }>,
  ])
  return library.load(options.dtype === 'fp32' ? (urls.floatModel ?? model.minilmL6) : model.minilmL6, options)
}

function loadPeer({ dtype, device, threads }: PeerSpec, urls: PageUrls): Promise<Peer> {
  const key = `${dtype} ${device} ${threads}`
  let peer = peers.get(key)
  if (peer === undefined) {
    const { host, peerWasm: wasmFolder } = urls
    peer = Peer.start(urls.peerWorker, { kind: 'load', host, model: PEER_MODEL, dtype, device, threads, wasmFolder })
    peers.set(key, peer)
  }
  return peer
}
