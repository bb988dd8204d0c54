/**
 * Makes a function that spells a text in byte tokens such as `<0xE2>`.
 *
 * @param idOf - The vocabulary.
 * @returns A function from a text to an id for each of its UTF-8 bytes, or to nothing where one of them has no token.
 */
export function byteTokens(
  idOf: (token: string) => number | undefined,
): (text: string) => readonly number[] | undefined {
  const encoder = new TextEncoder()
  const ids = Array.from({ length: 256 }, (_, byte) => idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`))
  return (text) => {
    const spelled: number[] = []
    for (const byte of encoder.encode(text)) {
      const id = ids[byte]
      if (id === undefined) return undefined
      spelled.push(id)
    }
    return spelled
  }
}
