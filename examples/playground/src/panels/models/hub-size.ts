/** What can be read of the hub's list of files. */
interface ListedFile {
  readonly path?: unknown
  readonly size?: unknown
}

/** Where a hub's repository is. */
export interface HubRepository {
  readonly id: string
  readonly revision?: string | undefined
  readonly endpoint?: string | undefined
  readonly token?: string | undefined
}

const HUB = 'https://huggingface.co'

/**
 * Asks the hub how large a model's safetensors are, without downloading them. `plan()` asks the same and does not say why it gets no
 * answer.
 *
 * @returns Bytes of all its safetensors, those of its modules included.
 * @throws {Error} If the hub does not know it, or has no safetensors.
 * @see {@link https://huggingface.co/docs/hub/api | the hub's API: tree}
 */
export async function hubWeightBytes({ id, revision, endpoint, token }: HubRepository): Promise<number> {
  const base = (endpoint ?? HUB).replace(/\/+$/, '')
  const url = `${base}/api/models/${id}/tree/${encodeURIComponent(revision ?? 'main')}?recursive=true`
  const response = await fetch(url, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }).catch(
    (cause: unknown) => {
      const reason = navigator.onLine ? `${new URL(base).host} does not answer` : 'this device has no network'
      throw new Error(`Cannot read the size of ${id} as ${reason}`, { cause })
    },
  )
  if (!response.ok) throw new Error(`Cannot read the size of ${id} as its server answered ${response.status}`)
  const listed: unknown = await response.json()
  const files = Array.isArray(listed) ? (listed as readonly ListedFile[]) : []
  const weights = files.filter(({ path }) => typeof path === 'string' && path.endsWith('.safetensors'))
  if (weights.length === 0) throw new Error(`Cannot read the size of ${id} as it has no safetensors`)
  return weights.reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0)
}
