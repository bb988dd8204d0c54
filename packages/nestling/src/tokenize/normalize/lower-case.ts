/**
 * Lowercases each character for itself, as Rust's `char::to_lowercase` does: no final sigma.
 *
 * @returns The text in small letters.
 */
export function toLowerCase(text: string): string {
  // The final sigma is the only rule of `String.prototype.toLowerCase` that looks at neighbours.
  return text.replaceAll('Σ', 'σ').toLowerCase()
}
