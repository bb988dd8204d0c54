import type { Normalizer } from './normalizer.js'
import type { PartJson } from './tokenizer-json.js'

/**
 * Makes a function that tells how much of a normalized text stems from the text's first character; only `Metaspace` with
 * `prepend_scheme: first` asks for it. Python follows every character through the normalizer.
 *
 * @param json - `normalizer` of tokenizer.json.
 * @param normalize - The normalizer.
 * @returns A function from a text before normalization to UTF-16 units after it; 0 where the first character goes.
 */
export function createStartLength(json: PartJson | null | undefined, normalize: Normalizer): (text: string) => number {
  // Where a charsmap removes the first characters, Python takes the first that is left for the first of the text.
  const skipsRemoved = hasCharsmap(json)
  return (text) => {
    for (const char of text) {
      const { length } = normalize(char)
      if (length > 0 || !skipsRemoved) return length
    }
    return 0
  }
}

function hasCharsmap(json: PartJson | null | undefined): boolean {
  if (json?.type !== 'Sequence') return json?.type === 'Precompiled'
  return (json as unknown as { readonly normalizers: readonly PartJson[] }).normalizers.some(hasCharsmap)
}
