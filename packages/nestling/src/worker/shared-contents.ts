import { GOLDEN_FILE } from '../certify/reference-vectors.js'
import type { Engine } from '../engine/engine.js'
import type { SharedWeights } from '../engine/kernels/shared-weights.js'
import type { EncoderSpec, ModelSettings } from '../model/encoder-spec.js'
import type { ModelFolder } from '../model/model-folder.js'
import type { Model } from '../model/read-model.js'
import type { TokenizerFiles } from '../model/configs/read-texts.js'
import type { LoadRequest, SharedModel } from '../wire/protocol.js'
import { goldenFileOf } from '../certify/certifier.js'
import type { LoadHistory } from '../certify/running-model.js'

/** All that a host needs to run a model that another one has loaded: what {@link SharedModel} holds. */
export interface SharedContents {
  readonly weights: SharedWeights
  readonly spec: EncoderSpec
  readonly settings: ModelSettings
  readonly spaceId: string
  /** tokenizer.json in UTF-8. In shared memory too: on its way a page would copy a vocabulary of megabytes twice. */
  readonly tokenizerJson: SharedArrayBuffer
  /** What goes with it. */
  readonly tokenizer: Omit<TokenizerFiles, 'json'>
  /** golden.json, where vectors are to be compared. */
  readonly golden: string | undefined
  readonly verify: LoadRequest['verify']
  readonly history: Pick<LoadHistory, 'reasons' | 'cache'>
}

/** A load that is done. */
export interface SharedLoad {
  readonly request: LoadRequest
  readonly engine: Engine
  readonly model: Model
  readonly folder: ModelFolder
  readonly history: LoadHistory
}

/**
 * Collects what other hosts need. The bytes of the weights' files are not held by it.
 *
 * @param load - The load, whose files the folder has read.
 * @returns It; `undefined` where the weights are not in memory that can be shared.
 */
export async function toSharedModel({
  request,
  engine,
  model,
  folder,
  history,
}: SharedLoad): Promise<SharedModel | undefined> {
  if (engine.shared === undefined) return undefined
  const { spec, settings, spaceId, tokenizer, tokenizerPath } = model
  const contents: SharedContents = {
    weights: engine.shared,
    spec,
    settings,
    spaceId,
    tokenizerJson: toShared(await folder.read(tokenizerPath)),
    tokenizer: { config: tokenizer.config, patch: tokenizer.patch },
    golden: goldenFileOf(request) === undefined ? undefined : await readGoldenText(folder),
    verify: request.verify,
    history: { reasons: history.reasons, cache: history.cache },
  }
  return { contents }
}

/** Without it this host is not verified either. */
async function readGoldenText(folder: ModelFolder): Promise<string | undefined> {
  return folder.readTextOptional(GOLDEN_FILE).catch(() => undefined)
}

function toShared(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength)
  new Uint8Array(shared).set(bytes)
  return shared
}

/**
 * Reads a text from shared memory.
 *
 * @param shared - UTF-8.
 */
export function textOf(shared: SharedArrayBuffer): string {
  // A copy: decoders refuse bytes that may change under their hands.
  return new TextDecoder().decode(new Uint8Array(shared).slice())
}
