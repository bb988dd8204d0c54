/**
 * Reads CSV to a list of fields for each record: quoted fields may hold commas, line ends and doubled quotes; lines end with LF or CRLF; a byte
 * order mark is ignored, and so are empty lines.
 *
 * @throws {Error} If a quote is never closed or something follows it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180 | RFC 4180}
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  let line = 1
  // A field with what ends it; sticky, so that nothing is passed over.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  const source = text.replace(/^\uFEFF/, '')
  while (field.lastIndex < source.length || record.length > 0) {
    const start = field.lastIndex
    const match = field.exec(source)
    if (match === null) throw new Error(`Cannot read CSV as a quote is out of place: current line is ${line}`)
    const [all, quoted, plain = '', end] = match
    record.push(quoted?.replaceAll('""', '"') ?? plain)
    line += all.split('\n').length - 1
    if (end === ',') continue
    if (record.length > 1 || record[0] !== '' || quoted !== undefined) records.push(record)
    record = []
    if (end === '' || start === source.length) break
  }
  return records
}
