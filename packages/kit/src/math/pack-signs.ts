/**
 * Packs the signs of a row: 1 where a component is above 0, the first one in the highest bit. Bits and bytes behind the row become 0.
 *
 * @see `numpy.packbits`; `sentence_transformers.util.quantize_embeddings`, precision `ubinary`
 */
export function packSigns(row: ArrayLike<number>, bytes: Uint8Array): void {
  bytes.fill(0)
  // Twice as fast as to collect a byte before it is stored.
  for (let index = 0; index < row.length; index++) {
    if ((row[index] as number) > 0) bytes[index >> 3] = (bytes[index >> 3] as number) | (128 >> (index & 7))
  }
}
