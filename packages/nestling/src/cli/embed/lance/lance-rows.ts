import type { Checkpoint, SinkJob, SinkRow } from '../embedding-sink.js'
import type { Arrow, ArrowSchema, Opaque } from './lance-library.js'

/** Keys of the table's metadata. */
export const SPACE_KEY = 'nestling.space'
export const DIGEST_KEY = 'nestling.digest'

/** The column that only an unfinished table has: the last row of each call of `write` says how far the run came. */
export const CHECKPOINT = 'nestling_checkpoint'

/** Names the columns of a table for a run. */
export function schemaOf(arrow: Arrow, { dim, space, digest }: SinkJob): ArrowSchema {
  const { Field, FixedSizeList, Float32, Schema, Utf8 } = arrow
  const vector = new FixedSizeList(dim, new Field('item', new Float32(), true))
  const fields = [
    new Field('id', new Utf8(), false),
    new Field('embedding', vector, false),
    new Field('text', new Utf8(), false),
    new Field('fields', new Utf8(), false),
    new Field(CHECKPOINT, new Utf8(), true),
  ]
  const metadata = new Map([[DIGEST_KEY, digest]])
  if (space.id !== '') metadata.set(SPACE_KEY, space.id)
  return new Schema(fields, metadata)
}

/** Makes rows what a table takes; the vectors are copied once, no number becomes an object. */
export function toArrow(
  arrow: Arrow,
  schema: ArrowSchema,
  rows: readonly SinkRow[],
  { rows: kept, inputDigest }: Checkpoint,
): Opaque {
  const { Float32, RecordBatch, Struct, Table, Utf8 } = arrow
  const dim = rows[0]?.vector.length ?? 0
  const data = new Float32Array(rows.length * dim)
  for (const [place, { vector }] of rows.entries()) data.set(vector, place * dim)
  const texts = (values: readonly (string | null)[]): Opaque => arrow.vectorFromArray(values, new Utf8()).data[0]
  const child = arrow.makeData({ type: new Float32(), length: data.length, nullCount: 0, data })
  const vectorType = schema.fields.find(({ name }) => name === 'embedding')?.type
  const checkpoint = JSON.stringify({ rows: kept, inputDigest })
  const children = [
    texts(rows.map(({ id }) => id)),
    arrow.makeData({ type: vectorType, length: rows.length, nullCount: 0, child }),
    texts(rows.map(({ text }) => text)),
    texts(rows.map(({ fields }) => JSON.stringify(fields))),
    texts(rows.map((_, place) => (place === rows.length - 1 ? checkpoint : null))),
  ]
  const type = new Struct(schema.fields)
  const batch = new RecordBatch(schema, arrow.makeData({ type, length: rows.length, nullCount: 0, children }))
  return new Table(schema, [batch])
}

/** Reads what {@link toArrow} wrote last. */
export function readCheckpoint(found: readonly Record<string, unknown>[]): Checkpoint {
  const all = found.map((row) => JSON.parse(String(row[CHECKPOINT])) as Partial<Checkpoint>)
  const last = all.reduce((best, one) => ((one.rows ?? 0) > (best.rows ?? 0) ? one : best), {})
  return { rows: last.rows ?? 0, inputDigest: last.inputDigest }
}
