/**
 * Reads comma-separated values with quotes.
 *
 * @param text - The file.
 * @returns Its cells by lines.
 * @see RFC 4180
 */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  // A cell in quotes, in which two quotes stand for one, or one without.
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/gy
  while (cell.lastIndex < text.length) {
    const [, quoted, plain = '', end] = cell.exec(text) ?? []
    if (end === undefined) throw new Error(`Cannot read line ${rows.length + 1} of the CSV file`)
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}
