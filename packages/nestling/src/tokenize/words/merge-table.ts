import { NumberHeap } from '@nestling/kit/math/number-heap'
import { EmbedderError } from '../../wire/embedder-error.js'

/** Pairs of tokens that become one, the earlier ones first. */
export class MergeTable {
  /** From a pair to its rank. */
  readonly #ranks = new Map<number, number>()
  /** What the merge of a rank gives. */
  readonly #merged: Int32Array
  readonly #span: number

  /**
   * Reads the merges.
   *
   * @param vocab - The vocabulary.
   * @param merges - Pairs of tokens, or two tokens with a space between.
   * @param prefix - What tokens inside a word start with; a merge drops it from its second token.
   * @throws {EmbedderError} `model-invalid` if a merge names a token that the vocabulary lacks.
   */
  constructor(
    vocab: ReadonlyMap<string, number>,
    merges: readonly (readonly [string, string] | string)[],
    prefix: string,
  ) {
    let span = 0
    for (const id of vocab.values()) span = Math.max(span, id + 1)
    this.#span = span
    const pairs = merges.filter((merge) => typeof merge !== 'string' || !merge.startsWith('#version'))
    this.#merged = new Int32Array(pairs.length)
    for (const [rank, merge] of pairs.entries()) {
      const [left = '', right = ''] = typeof merge === 'string' ? merge.split(' ') : merge
      const pair = idOf(vocab, left) * span + idOf(vocab, right)
      this.#ranks.set(pair, rank)
      this.#merged[rank] = idOf(vocab, left + right.slice(prefix.length))
    }
  }

  /**
   * Merges until nothing more merges: always the pair of the lowest rank, the leftmost of several.
   *
   * @param ids - Tokens of one word; changed.
   * @returns The merged tokens.
   * @see `merge_all` in `tokenizers/src/models/bpe/word.rs`
   */
  apply(ids: number[]): number[] {
    const count = ids.length
    const next = Int32Array.from({ length: count }, (_, index) => index + 1)
    const previous = Int32Array.from({ length: count }, (_, index) => index - 1)
    const queue = new NumberHeap()
    const offer = (at: number): void => {
      const rank = at < 0 ? undefined : this.#rankAt(ids, at, next[at] as number)
      if (rank !== undefined) queue.push(rank, at)
    }
    for (let at = 0; at < count - 1; at++) offer(at)
    while (queue.size > 0) {
      const rank = queue.leastKey
      const at = queue.leastValue
      queue.pop()
      const right = next[at] as number
      const current = this.#rankAt(ids, at, right)
      // The tokens may have changed since the pair was queued; another pair that gives the same token will do.
      if (current === undefined || this.#merged[current] !== this.#merged[rank]) continue
      ids[at] = this.#merged[rank] as number
      ids[right] = REMOVED
      const after = next[right] as number
      next[at] = after
      if (after < count) previous[after] = at
      offer(previous[at] as number)
      offer(at)
    }
    return ids.filter((id) => id !== REMOVED)
  }

  #rankAt(ids: readonly number[], left: number, right: number): number | undefined {
    if (right >= ids.length || ids[left] === REMOVED) return undefined
    return this.#ranks.get((ids[left] as number) * this.#span + (ids[right] as number))
  }
}

/** Stands where a token was merged into the one before it. */
const REMOVED = -1

function idOf(vocab: ReadonlyMap<string, number>, token: string): number {
  const id = vocab.get(token)
  if (id === undefined) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot load tokenizer.json as its merges must only name tokens of its vocabulary: current value is ${token}`,
      { details: { path: 'tokenizer.json', token } },
    )
  }
  return id
}
