import type { Device, Dtype, HubLocation, ModelLocation } from '../../wire/protocol.js'
import { ConfigReader } from '../configs/config-reader.js'
import { DownloadProgress } from './download-progress.js'
import { joinPath } from '../configs/inner-path.js'
import { ModelFolder } from '../model-folder.js'
import { readModuleChain } from '../read-module-chain.js'
import { externalDataOf, onnxCandidates } from '../weights/onnx-file.js'
import { probeFile } from './probe-file.js'
import { TOKENIZER } from '../configs/read-texts.js'
import { listShards, WEIGHTS, WEIGHTS_INDEX } from '../weights/read-weights.js'
import { sendRequest, type FileRequest } from './send-request.js'
import { hubFile, hubTree, urlFile } from '../sources/url-source.js'
import { StallWatch } from './stall-watch.js'

/** A folder on a server. */
export type RemoteLocation = Extract<ModelLocation, { readonly kind: 'url' | 'hub' }>

/** Which of its files a load would take. */
export interface DownloadHow {
  /** The ONNX file, where it takes one. */
  readonly onnx: { readonly dtype: Dtype | 'auto'; readonly device: Device } | undefined
}

type Size = number | 'unknown' | 'absent'

/** A list of a hub has so many entries a page; a longer one says nothing of what it lacks. */
const PAGE_ENTRIES = 1000

/** Milliseconds of silence after which a server counts as one that does not tell. */
const SILENCE_MS = 10_000

/**
 * Asks a server how many bytes of weights and tokenizer a load would fetch. Of the files it reads small ones alone.
 *
 * @param location - The folder.
 * @param how - Which files.
 * @returns Bytes; `undefined` where the server does not tell.
 * @throws {EmbedderError} What reading small files throws.
 */
export async function downloadBytes(location: RemoteLocation, how: DownloadHow): Promise<number | undefined> {
  const folder = new ModelFolder(location, new DownloadProgress(() => undefined))
  const [sizes, modules] = await Promise.all([FileSizes.of(location), readModuleChain(folder)])
  const [{ path: prefix }] = modules
  const weighty = modules.filter(({ kind }) => kind !== 'Pooling' && kind !== 'Normalize')
  const all = await Promise.all([
    sizes.size(joinPath(prefix, TOKENIZER)),
    ...(how.onnx === undefined
      ? weighty.map(({ path }) => weightBytes(folder, sizes, path))
      : [onnxBytes(folder, sizes, { prefix, ...how.onnx })]),
  ])
  return sumOf(all)
}

function sumOf(sizes: readonly Size[]): number | undefined {
  return sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || typeof size === 'string' ? undefined : sum + size),
    0,
  )
}

async function weightBytes(folder: ModelFolder, sizes: FileSizes, modulePath: string): Promise<Size> {
  const whole = await sizes.size(joinPath(modulePath, WEIGHTS))
  if (whole !== 'absent') return whole
  const indexPath = joinPath(modulePath, WEIGHTS_INDEX)
  const index = await folder.readTextOptional(indexPath)
  if (index === undefined) return 'absent'
  const shards = listShards(indexPath, index).map((name) => joinPath(modulePath, name))
  return sumOf(await Promise.all(shards.map((path) => sizes.size(path)))) ?? 'unknown'
}

async function onnxBytes(
  folder: ModelFolder,
  sizes: FileSizes,
  { prefix, dtype, device }: { readonly prefix: string; readonly dtype: Dtype | 'auto'; readonly device: Device },
): Promise<Size> {
  const configPath = joinPath(prefix, 'config.json')
  const config = ConfigReader.parse(configPath, (await folder.readTextOptional(configPath)) ?? '{}')
  for (const { path } of onnxCandidates(prefix, dtype, device)) {
    const size = await sizes.size(path)
    if (size === 'absent') continue
    const data = await Promise.all(externalDataOf(config, path).map((name) => sizes.size(name)))
    return sumOf([size, ...data]) ?? 'unknown'
  }
  return 'absent'
}

/** Lengths of the files of a folder: from the list of a hub, or asked for one by one. */
class FileSizes {
  readonly #locate: (path: string) => FileRequest
  readonly #listed: ReadonlyMap<string, number> | undefined

  private constructor(locate: (path: string) => FileRequest, listed: ReadonlyMap<string, number> | undefined) {
    this.#locate = locate
    this.#listed = listed
  }

  static async of(location: RemoteLocation): Promise<FileSizes> {
    if (location.kind === 'url') return new FileSizes((path) => urlFile(location.baseUrl, path), undefined)
    // A mirror may have no lists.
    const listed = await listHubFiles(location).catch(() => undefined)
    return new FileSizes((path) => hubFile(location, path), listed)
  }

  async size(path: string): Promise<Size> {
    const known = this.#listed?.get(path)
    if (known !== undefined) return known
    if (this.#listed !== undefined && this.#listed.size < PAGE_ENTRIES) return 'absent'
    return probeFile({ ...this.#locate(path), stallMs: SILENCE_MS })
  }
}

/** @see `huggingface_hub.HfApi.list_repo_tree` */
async function listHubFiles(location: HubLocation): Promise<ReadonlyMap<string, number> | undefined> {
  const watch = new StallWatch(SILENCE_MS)
  try {
    const response = await sendRequest(hubTree(location), { watch })
    const entries = (await response.json()) as unknown
    if (!Array.isArray(entries)) return undefined
    const pairs = (entries as readonly Readonly<Record<string, unknown>>[]).map(
      ({ path, size }) => [String(path), Number(size)] as const,
    )
    return new Map(pairs)
  } finally {
    watch.stop()
  }
}
