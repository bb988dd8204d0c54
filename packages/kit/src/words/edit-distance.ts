/** Rows of {@link editDistance}: they grow with the longest word, and no call waits for another. */
let rows = [new Int32Array(32), new Int32Array(32), new Int32Array(32)] as [Int32Array, Int32Array, Int32Array]

/**
 * Counts the letters that are wrong, missing or too many, and swapped neighbours, as one each.
 *
 * @returns The least number, of code points; a number above `most` where there are more.
 * @see {@link https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance | Optimal string alignment distance}
 */
export function editDistance(a: readonly number[], b: readonly number[], most: number): number {
  const width = b.length + 1
  if (rows[0].length < width) rows = [new Int32Array(2 * width), new Int32Array(2 * width), new Int32Array(2 * width)]
  let [before, last, row] = rows
  for (let column = 0; column < width; column++) last[column] = column
  for (let line = 1; line <= a.length; line++) {
    row[0] = line
    let least = line
    const letter = a[line - 1]
    for (let column = 1; column < width; column++) {
      const other = b[column - 1]
      let edits = (last[column - 1] as number) + (letter === other ? 0 : 1)
      edits = Math.min(edits, (last[column] as number) + 1, (row[column - 1] as number) + 1)
      if (line > 1 && column > 1 && letter === b[column - 2] && other === a[line - 2]) {
        edits = Math.min(edits, (before[column - 2] as number) + 1)
      }
      row[column] = edits
      if (edits < least) least = edits
    }
    // A swap looks back two rows.
    if (least > most + 1) return least
    ;[before, last, row] = [last, row, before]
  }
  return last[b.length] as number
}
