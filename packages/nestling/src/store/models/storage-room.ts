import { EmbedderError } from '../../wire/embedder-error.js'
import { within } from '@nestling/kit/calls/within'
import type { ModelStore } from './model-store.js'

/** A browser counts for some tenths of a second; one that does not answer is as one that does not tell. */
const ESTIMATE_MS = 5000

/** What the browser tells of its storage; `undefined` where it does not. */
export interface StorageEstimate {
  readonly usageBytes: number | undefined
  readonly quotaBytes: number | undefined
}

/**
 * Asks the browser how much is stored and how much may be, all stores of the origin together.
 *
 * @returns What it tells.
 */
export async function estimateStorage(): Promise<StorageEstimate> {
  try {
    const answer = await within(navigator.storage.estimate(), ESTIMATE_MS)
    return { usageBytes: answer?.usage, quotaBytes: answer?.quota }
  } catch {
    // Blocked, not a secure context, or not a browser.
    return { usageBytes: undefined, quotaBytes: undefined }
  }
}

/** Looks whether there is room for what one load is about to store, and makes some. */
export class StorageRoom {
  readonly #store: ModelStore
  readonly #key: string
  readonly #estimate: () => Promise<StorageEstimate>
  /** Bytes by file that will be written. */
  readonly #pending = new Map<string, number>()
  /** What was deleted: browsers count it for a while after it is gone. */
  #freedBytes = 0

  /**
   * Starts with nothing to store.
   *
   * @param key - The model that needs room.
   * @param estimate - Asks the browser.
   */
  constructor(store: ModelStore, key: string, estimate: () => Promise<StorageEstimate> = estimateStorage) {
    this.#store = store
    this.#key = key
    this.#estimate = estimate
  }

  /** Notes how much of a file is still to be written. */
  expect(path: string, sizeBytes: number): void {
    this.#pending.set(path, sizeBytes)
  }

  /**
   * Checks that all that will be written fits.
   *
   * @throws {EmbedderError} `quota-exceeded` if the browser says that it does not.
   */
  async check(): Promise<void> {
    const { usageBytes, quotaBytes } = await this.#estimate()
    if (usageBytes === undefined || quotaBytes === undefined) return
    const neededBytes = [...this.#pending.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0)
    const availableBytes = Math.max(0, quotaBytes - usageBytes + this.#freedBytes)
    if (neededBytes <= availableBytes) return
    throw new EmbedderError(
      'quota-exceeded',
      `Cannot store the model as it needs ${neededBytes} bytes: the browser has room for ${availableBytes}\nDelete models with modelCache.delete(), or load with cache: { onQuota: 'evict' } or 'memory'; what was stored before is whole`,
      { details: { neededBytes, availableBytes } },
    )
  }

  /**
   * Deletes what was used longest ago: downloads that nobody finished first, then whole models; never the model of this load.
   *
   * @returns Whether there was anything to delete.
   * @throws {EmbedderError} `store-unavailable`
   */
  async evictOne(): Promise<boolean> {
    const key = (await this.#oldestDownload()) ?? (await this.#oldestModel())
    if (key === undefined) return false
    const sizeBytes = await this.#store.sizeBytes(key)
    await this.#store.deleteModel(key)
    this.#freedBytes += sizeBytes
    return true
  }

  async #oldestDownload(): Promise<string | undefined> {
    const [downloads, models] = await Promise.all([this.#store.listDownloads(), this.#store.list()])
    const whole = new Set(models.map(({ key }) => key))
    const ages = downloads.map(({ key, updatedAt }) => ({ key, usedAt: updatedAt }))
    return oldest(ages.filter(({ key }) => key !== this.#key && !whole.has(key)))
  }

  async #oldestModel(): Promise<string | undefined> {
    const [models, uses] = await Promise.all([this.#store.list(), this.#store.lastUses()])
    const ages = models.map(({ key, storedAt }) => ({ key, usedAt: uses.get(key) ?? storedAt }))
    return oldest(ages.filter(({ key }) => key !== this.#key))
  }
}

function oldest(ages: readonly { readonly key: string; readonly usedAt: number }[]): string | undefined {
  return [...ages].sort((a, b) => a.usedAt - b.usedAt)[0]?.key
}
