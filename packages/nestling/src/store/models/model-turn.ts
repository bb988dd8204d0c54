import { EmbedderError } from '../../wire/embedder-error.js'
import { takeLock, tryLock, webLocks, type Release } from '@nestling/kit/locks/web-locks'
import { openChannel, post } from '@nestling/kit/locks/open-channel'
import type { RecordStorage } from '../records/record-storage.js'

/** Bytes of a download, as tabs tell each other. */
export interface TurnTotals {
  readonly loadedBytes: number
  readonly totalBytes: number | undefined
}

/** The right to write a model; only one tab, or one worker, has it. */
export interface ModelTurn {
  /**
   * Tells those who wait how far it is.
   *
   * @param totals - Bytes so far.
   */
  tell(totals: TurnTotals): void
  /** Gives the right to the next. */
  end(): void
}

/** How to wait. */
export interface TurnOptions {
  /** Told once that another tab has the turn, and then how far that tab is, as often as it is heard. */
  readonly onWait?: ((totals: TurnTotals | undefined) => void) | undefined
  /** Ends the wait, with its reason. */
  readonly signal?: AbortSignal | undefined
  /** A tab that was not heard for that long is not waited for. */
  readonly silenceMs?: number
  /** One that is heard and whose bytes do not change for that long neither. */
  readonly stalledMs?: number
}

/** Owners are heard every 5 s: one that was not heard four times hangs, or was put to sleep by its browser. */
const SILENCE_MS = 20_000

/** Longer than a server may be silent and a session may take to compile: an owner that is at neither will not end. */
const STALLED_MS = 600_000

/** So often an owner is heard when no bytes come. */
const HEARTBEAT_MS = 5000

/** Progress bars need no more. */
const TELL_INTERVAL_MS = 100

/** What goes over the channel: a question of those who wait, or the owner's answer. */
type Message = 'how-far' | TurnTotals

/** Names the Web Lock and the channel of a model: whoever writes or deletes it holds the lock. */
export function modelLockName(key: string): string {
  return `nestling:model:${key}`
}

/** Where nobody else can be. */
const ONLY_TURN: ModelTurn = { tell: () => undefined, end: () => undefined }

/**
 * Waits for the right to write a model. A tab that has it and dies loses it to the next one.
 *
 * @param options - How to wait.
 * @returns The turn; `undefined` if its owner went silent. Where the browser has no Web Locks every turn is granted. Rejects on an abort,
 * with the signal's reason.
 */
export async function takeTurn(key: string, options: TurnOptions = {}): Promise<ModelTurn | undefined> {
  const { signal, onWait } = options
  signal?.throwIfAborted()
  if (webLocks() === undefined) return ONLY_TURN
  const name = modelLockName(key)
  const channel = openChannel(name)
  const giveUp = new AbortController()
  const onAbort = (): void => {
    giveUp.abort()
  }
  signal?.addEventListener('abort', onAbort)
  let stopListening = (): void => undefined
  try {
    const release = await takeLock(name, {
      signal: giveUp.signal,
      onWait: () => {
        onWait?.(undefined)
        stopListening = listen(channel, giveUp, options)
      },
    })
    stopListening()
    return new OwnedTurn(channel, release)
  } catch (error) {
    stopListening()
    channel?.close()
    signal?.throwIfAborted()
    if (giveUp.signal.aborted) return undefined
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * Takes the right to write a model if nobody has it.
 *
 * @returns The turn; `undefined` where another one has it.
 */
export async function tryTurn(key: string): Promise<ModelTurn | undefined> {
  const locks = webLocks()
  if (locks === undefined) return ONLY_TURN
  const name = modelLockName(key)
  // Refused: there is no other tab to see what is stored here.
  const release = await tryLock(locks, name).catch(() => () => undefined)
  return release === undefined ? undefined : new OwnedTurn(openChannel(name), release)
}

/**
 * Does work while no other tab writes the model.
 *
 * @param storage - Where the model is; one in memory is nobody else's.
 * @param options - How to wait.
 * @returns What it gives.
 * @throws {EmbedderError} `store-unavailable` if another tab does not let it in. On an abort of the wait, the signal's reason; work that
 * has begun goes on.
 */
export async function withTurn<T>(
  storage: RecordStorage,
  key: string,
  work: (turn: ModelTurn) => Promise<T>,
  options: TurnOptions = {},
): Promise<T> {
  options.signal?.throwIfAborted()
  const turn = storage.kind === 'memory' ? ONLY_TURN : await takeTurn(key, options)
  if (turn === undefined) throw isTaken(key)
  try {
    return await work(turn)
  } finally {
    turn.end()
  }
}

/** Listens to the owner, and gives up when it is silent or does not go on. */
function listen(
  channel: BroadcastChannel | undefined,
  giveUp: AbortController,
  { onWait, silenceMs = SILENCE_MS, stalledMs = STALLED_MS }: TurnOptions,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let movedMs = performance.now()
  let loadedBytes = -1
  const watch = (): void => {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        giveUp.abort()
      },
      Math.min(silenceMs, movedMs + stalledMs - performance.now()),
    )
  }
  watch()
  if (channel !== undefined) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data === 'how-far') return
      if (data.loadedBytes !== loadedBytes) movedMs = performance.now()
      loadedBytes = data.loadedBytes
      watch()
      onWait?.(data)
    }
    post(channel, 'how-far' satisfies Message)
  }
  return () => {
    clearTimeout(timer)
    if (channel !== undefined) channel.onmessage = null
  }
}

class OwnedTurn implements ModelTurn {
  readonly #channel: BroadcastChannel | undefined
  readonly #release: Release
  readonly #heartbeat: ReturnType<typeof setInterval>
  #totals: TurnTotals = { loadedBytes: 0, totalBytes: undefined }
  #toldMs = -Infinity

  constructor(channel: BroadcastChannel | undefined, release: Release) {
    this.#channel = channel
    this.#release = release
    const say = (): void => {
      post(channel, this.#totals)
    }
    if (channel !== undefined) {
      channel.onmessage = ({ data }: MessageEvent<Message>) => {
        if (data === 'how-far') say()
      }
    }
    this.#heartbeat = setInterval(say, HEARTBEAT_MS)
    // Those who have waited for another owner hear at once that there is a new one.
    say()
  }

  tell(totals: TurnTotals): void {
    this.#totals = totals
    const now = performance.now()
    if (now - this.#toldMs < TELL_INTERVAL_MS) return
    this.#toldMs = now
    post(this.#channel, totals)
  }

  end(): void {
    clearInterval(this.#heartbeat)
    this.#channel?.close()
    this.#release()
  }
}

function isTaken(key: string): EmbedderError {
  return new EmbedderError(
    'store-unavailable',
    `Cannot change the stored model as another tab must let it go: current value is ${key}, held by a tab that does not answer\nClose other tabs of this site, or call again later`,
    { details: { reason: 'locked', model: key } },
  )
}
