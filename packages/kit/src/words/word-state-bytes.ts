import { VarintReader, VarintWriter } from './varints.js'
import type { WordState } from './word-state.js'

/** Between terms, which are made of letters, digits and signs of names. */
const BETWEEN_TERMS = '\n'

/** Writes an index as numbers of seven bits a byte, documents as differences: about two bytes an entry. */
export function wordStateToBytes({
  size,
  terms,
  starts,
  documents,
  counts,
  lengths,
}: WordState): Uint8Array<ArrayBuffer> {
  const writer = new VarintWriter()
  const texts = new TextEncoder().encode(terms.join(BETWEEN_TERMS))
  for (const number of [size, lengths.length, terms.length, documents.length, texts.length]) writer.write(number)
  writer.writeBytes(texts)
  for (const length of lengths) writer.write(length)
  for (let term = 0; term < terms.length; term++) {
    const [start, end] = [starts[term] as number, starts[term + 1] as number]
    writer.write(end - start)
    let before = 0
    for (let place = start; place < end; place++) {
      const document = documents[place] as number
      writer.write(document - before)
      // Nearly all are a few times in the first field: the lowest bits are those of the count.
      writer.write(counts[place] as number)
      before = document
    }
  }
  return writer.finish()
}

/**
 * Reads what {@link wordStateToBytes} wrote.
 *
 * @throws {RangeError} If it is something else.
 */
export function bytesToWordState(bytes: Uint8Array): WordState {
  const reader = new VarintReader(bytes)
  const [size, lengthCount, termCount, entryCount, textBytes] = Array.from({ length: 5 }, () => reader.read()) as [
    number,
    number,
    number,
    number,
    number,
  ]
  if (Math.max(lengthCount, termCount, 2 * entryCount) > bytes.length) throw new RangeError('There are fewer bytes')
  const text = new TextDecoder('utf-8', { fatal: true }).decode(reader.readBytes(textBytes))
  const terms = termCount === 0 ? [] : text.split(BETWEEN_TERMS)
  const lengths = Int32Array.from({ length: lengthCount }, () => reader.read())
  const starts = new Uint32Array(termCount + 1)
  const documents = new Int32Array(entryCount)
  const counts = new Uint16Array(entryCount)
  let place = 0
  for (let term = 0; term < termCount; term++) {
    let document = 0
    for (let left = reader.read(); left > 0; left--, place++) {
      document += reader.read()
      if (document >= size) throw new RangeError('There are fewer documents')
      documents[place] = document
      counts[place] = reader.read()
    }
    starts[term + 1] = place
  }
  if (terms.length !== termCount || place !== entryCount || !reader.isAtEnd) throw new RangeError('The counts differ')
  return { size, terms, starts, documents, counts, lengths }
}
