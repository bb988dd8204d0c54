import type { EncodeRequest, HostApi, HostEvent, LoadedModel } from '../wire/protocol.js'

/** What becomes of a host and of the requests that it has. */
export type HostNews =
  /** The model is there. */
  | { readonly kind: 'ready' }
  /** The model could not be loaded, however often it was tried. */
  | { readonly kind: 'unloadable'; readonly error: unknown }
  /** The host crashed or was silent for too long. All that it had is gone. */
  | { readonly kind: 'lost'; readonly error: unknown }
  | HostAnswer

/** What a host tells of its requests. */
export type HostAnswer = Extract<HostEvent, { readonly kind: 'slice' | 'rows' | 'failed' | 'too-long' }>

/** A host that is kept alive. It knows requests by their ids and nothing of the calls that they are part of. */
export interface KeptHost {
  /** The model as it was loaded last. */
  readonly model: LoadedModel
  /** Hosts that had to be replaced. */
  readonly restarts: number
  /** Requests and calls that are not answered. */
  readonly size: number
  /** Whether the model is there. Requests are for hosts that are ready. */
  readonly isReady: boolean
  /** Tells one listener of all that happens from now on. */
  listen(onNews: (news: HostNews) => void): void
  /** Loads the model, unless that is done or under way: `ready` or `unloadable` follows. */
  start(): void
  /** Ends the host, as it failed at a request. Nothing more is told of what it had. */
  stop(): void
  /** Chooses a lower device for the loads to come, where there is one and the caller left us the choice. */
  lowerDevice(error: unknown): boolean
  /** Sends a request, of which events tell. Rejects where the host does not even take it. */
  encode(request: EncodeRequest): Promise<void>
  /** Has the host answer. Rejects when it is lost first. */
  call<T>(run: (host: HostApi) => Promise<T>): Promise<T>
  /** Forgets requests. */
  cancel(ids: readonly number[]): void
  /** Ends the host for good, once it has written what it keeps. A load that is under way rejects with the reason. */
  dispose(reason: unknown): Promise<void>
}
