import { modelLockName, webLocks } from './model-lock.js'

/** Bytes of a download, as tabs tell each other. */
export interface TurnTotals {
  readonly loadedBytes: number
  readonly totalBytes: number | undefined
}

/** The right to read and write a model; only one tab, or one worker, has it. */
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
  /** Told how far the tab is that has the turn, and that it lives. */
  readonly onWait: (totals: TurnTotals) => void
  /** A tab that was not heard for that long is not waited for. */
  readonly silenceMs?: number
}

/** Owners are heard every few seconds; one that sleeps for a minute was put to sleep by its browser. */
const SILENCE_MS = 60_000

/** So often an owner is heard when no bytes come. */
const HEARTBEAT_MS = 5000

/** Progress bars need no more. */
const TELL_INTERVAL_MS = 100

/** What goes over the channel: a question of those who wait, or the owner's answer. */
type Message = 'how-far' | TurnTotals

/**
 * Waits for the right to read and write a model. A tab that has it and dies loses it to the next one.
 *
 * @param key - Key of the model.
 * @param options - How to wait.
 * @returns The turn; `undefined` if its owner went silent. Where the browser has no Web Locks every turn is granted.
 */
export async function takeTurn(key: string, options: TurnOptions): Promise<ModelTurn | undefined> {
  const locks = webLocks()
  if (locks === undefined) return { tell: () => undefined, end: () => undefined }
  const name = modelLockName(key)
  const channel = new BroadcastChannel(name)
  const abort = new AbortController()
  const stopWaiting = waitFor(channel, abort, options)
  return new Promise((resolve, reject) => {
    const own = (): Promise<void> =>
      new Promise((release) => {
        stopWaiting()
        resolve(new OwnedTurn(channel, release))
      })
    locks.request(name, { signal: abort.signal }, own).catch((error: unknown) => {
      stopWaiting()
      channel.close()
      if (abort.signal.aborted) resolve(undefined)
      else reject(error instanceof Error ? error : new Error(String(error)))
    })
  })
}

/** Listens to the owner, and gives up when it is silent. */
function waitFor(
  channel: BroadcastChannel,
  abort: AbortController,
  { onWait, silenceMs = SILENCE_MS }: TurnOptions,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const watch = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      abort.abort()
    }, silenceMs)
  }
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data === 'how-far') return
    watch()
    onWait(data)
  }
  watch()
  channel.postMessage('how-far' satisfies Message)
  return () => {
    clearTimeout(timer)
    channel.onmessage = null
  }
}

class OwnedTurn implements ModelTurn {
  readonly #channel: BroadcastChannel
  readonly #release: () => void
  readonly #heartbeat: ReturnType<typeof setInterval>
  #totals: TurnTotals = { loadedBytes: 0, totalBytes: undefined }
  #toldMs = -Infinity

  constructor(channel: BroadcastChannel, release: () => void) {
    this.#channel = channel
    this.#release = release
    const say = (): void => {
      channel.postMessage(this.#totals)
    }
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data === 'how-far') say()
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
    this.#channel.postMessage(totals)
  }

  end(): void {
    clearInterval(this.#heartbeat)
    this.#channel.close()
    this.#release()
  }
}
