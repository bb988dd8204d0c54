/**
 * Packs the signs of a row: 1 where a component is above 0, the first one in the highest bit. Bits and bytes behind the row become 0.
 *
 * @see `numpy.packbits`; `sentence_transformers.util.quantize_embeddings`, precision `ubinary`
 */
export function packSigns(row: ArrayLike<number>, bytes: Uint8Array): void {
  for (let at = 0, next = 0; at < bytes.length; at++) {
    let byte = 0
    for (let bit = 128; bit >= 1 && next < row.length; bit >>= 1) if ((row[next++] as number) > 0) byte |= bit
    bytes[at] = byte
  }
}
