import type { MetaspaceJson } from '../metaspace.js'
import type { Normalizer } from '../normalize/normalizer.js'
import type { PartJson } from '../tokenizer-json.js'

type Part = PartJson | null | undefined

/**
 * Makes a function that tells how much of a normalized text stems from the text's first character; only `Metaspace` with
 * `prepend_scheme: first` asks for it. Python follows every character through the normalizer.
 *
 * @param json - `normalizer` and `pre_tokenizer` of tokenizer.json.
 * @param normalize - The normalizer.
 * @returns A function from a text before normalization to UTF-16 units after it; 0 where the first character goes, or nobody asks.
 */
export function createStartLength(
  json: { readonly normalizer?: Part; readonly pre_tokenizer?: Part },
  normalize: Normalizer,
): (text: string) => number {
  if (!prependsToFirst(json.pre_tokenizer)) return () => 0
  // Where a charsmap removes the first characters, Python takes the first that is left for the first of the text.
  const skipsRemoved = hasCharsmap(json.normalizer)
  return (text) => {
    for (const char of text) {
      const { length } = normalize(char)
      if (length > 0 || !skipsRemoved) return length
    }
    return 0
  }
}

function hasCharsmap(json: Part): boolean {
  if (json?.type !== 'Sequence') return json?.type === 'Precompiled'
  return (json as unknown as { readonly normalizers: readonly PartJson[] }).normalizers.some(hasCharsmap)
}

function prependsToFirst(json: Part): boolean {
  if (json?.type === 'Metaspace') return (json as MetaspaceJson & PartJson).prepend_scheme === 'first'
  if (json?.type !== 'Sequence') return false
  return (json as unknown as { readonly pretokenizers: readonly PartJson[] }).pretokenizers.some(prependsToFirst)
}
