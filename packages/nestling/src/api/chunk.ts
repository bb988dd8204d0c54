import type { HostCaller } from '../dispatch/host-call.js'
import { portionsOf } from '../dispatch/portions.js'
import type { ChunkRequest, Chunks } from '../wire/protocol.js'
import { checkKeys, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { resolveEncodeOptions, type EncodeDefaults } from './options/encode-options.js'

/** Chooses how `chunk` works. */
export interface ChunkOptions {
  /**
   * Most tokens of a chunk, special tokens and the prompt's included.
   *
   * @defaultValue `maxSeqLength` of the model, which is the most that is allowed
   */
  readonly maxTokens?: number | undefined
  /**
   * Most tokens that a chunk repeats of the one before, in whole words.
   *
   * @defaultValue 0
   */
  readonly overlapTokens?: number | undefined
  /** Name of the model's prompt that the chunks will be encoded with: they leave room for it. */
  readonly promptName?: string | undefined
  /** A prompt of your own; goes before `promptName`. */
  readonly prompt?: string | undefined
  /** Ends the call at once with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Part of a text that the model reads whole. */
export interface TextChunk {
  /** The part: `text.slice(start, end)`. */
  readonly text: string
  /** Where it starts in the text, in UTF-16 units. */
  readonly start: number
  /** Where it ends, the first unit that is not in it. */
  readonly end: number
  /** Its tokens, special tokens and the prompt's included. */
  readonly tokenCount: number
}

const KNOWN_KEYS: KnownKeys<ChunkOptions> = {
  maxTokens: true,
  overlapTokens: true,
  promptName: true,
  prompt: true,
  signal: true,
}

const WHAT = 'chunk'

/** A model, as far as chunks depend on it. */
interface ChunkModel extends Omit<EncodeDefaults, 'priority' | 'cache'> {
  readonly maxSeqLength: number
}

/** {@link ChunkOptions} with every default filled in. */
interface ResolvedChunkOptions extends Omit<ChunkRequest, 'texts'> {
  readonly signal: AbortSignal | undefined
}

/**
 * Checks options and fills in defaults; whether there is room beside special tokens and prompt, only the host knows.
 *
 * @param options - What the caller gave.
 * @param model - What the model contributes.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option does not exist or has the wrong type.
 * @throws {RangeError} If a number is out of range or the model has no prompt of that name.
 */
export function resolveChunkOptions(options: ChunkOptions, model: ChunkModel): ResolvedChunkOptions {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const { overlapTokens, maxTokens, ...rest } = options
  const { prompt, signal } = resolveEncodeOptions(rest, { ...model, priority: 'background', cache: false })
  const most = checkPositiveInteger(WHAT, 'maxTokens', maxTokens) ?? model.maxSeqLength
  if (most > model.maxSeqLength) {
    throw new RangeError(
      `Cannot chunk as maxTokens must be at most the ${model.maxSeqLength} that the model reads: current value is ${show(maxTokens)}`,
    )
  }
  const overlap = overlapTokens === 0 ? 0 : (checkPositiveInteger(WHAT, 'overlapTokens', overlapTokens) ?? 0)
  return { maxTokens: most, overlapTokens: overlap, prompt, signal }
}

/**
 * Has the host cut texts.
 *
 * @param call - Calls the host; settles at once when the signal aborts.
 * @param options - Checked options.
 * @internal
 */
export async function chunkTexts(
  call: HostCaller,
  texts: readonly string[],
  { signal, ...options }: ResolvedChunkOptions,
): Promise<TextChunk[][]> {
  signal?.throwIfAborted()
  const chunks: TextChunk[][] = []
  for (const portion of portionsOf(texts)) {
    const request = { texts: portion.texts, ...options }
    chunks.push(...unpack(portion.texts, await call((host) => host.chunk(request), signal)))
  }
  return chunks
}

function unpack(texts: readonly string[], { counts, spans }: Chunks): TextChunk[][] {
  let next = 0
  return texts.map((text, index) =>
    Array.from({ length: counts[index] as number }, () => {
      const [start = 0, end = 0, tokenCount = 0] = spans.subarray(next, (next += 3))
      return { text: text.slice(start, end), start, end, tokenCount }
    }),
  )
}
