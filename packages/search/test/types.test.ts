import { expectTypeOf, it } from 'vitest'
import { createIndex } from '../src/index.js'
import type { IndexDocument, MetadataFilter, SearchHit, SearchIndex } from '../src/index.js'

/** An interface has no index signature, nor has the one inside of it. */
interface Note {
  title: string
  author: Author
  tags?: string[] | undefined
}

interface Author {
  readonly name: string
  born: number | null
}

/* None of these is called: their types are all that is looked at. */
const notes = () => createIndex<Note>()
const plain = () => createIndex()
const years = () => createIndex<{ year: number }>()

it('takes an interface as the type of metadata, in documents, filters and hits', () => {
  expectTypeOf(notes).returns.resolves.toEqualTypeOf<SearchIndex<Note>>()
  expectTypeOf<IndexDocument<Note>['metadata']>().toEqualTypeOf<Note | undefined>()
  expectTypeOf<SearchHit<Note>['metadata']>().toEqualTypeOf<Note | undefined>()
  expectTypeOf<{ title: 'a' }>().toExtend<MetadataFilter<Note>>()
  expectTypeOf<{ titel: 'a' }>().not.toExtend<MetadataFilter<Note>>()
  expectTypeOf<(note: Partial<Note>) => boolean>().toExtend<MetadataFilter<Note>>()
})

it('takes types with an index signature, and JSON without a type argument, as before', () => {
  expectTypeOf(plain).returns.resolves.toEqualTypeOf<SearchIndex>()
  expectTypeOf(years).returns.resolves.toEqualTypeOf<SearchIndex<{ year: number }>>()
})

it('refuses types of what JSON cannot say', () => {
  // @ts-expect-error -- a date is no JSON
  expectTypeOf<ReturnType<typeof createIndex<{ written: Date }>>>().not.toBeNever()
  // @ts-expect-error -- nor is a function, however deep
  expectTypeOf<ReturnType<typeof createIndex<{ list: { run: () => void }[] }>>>().not.toBeNever()
  // @ts-expect-error -- nor is a bigint
  expectTypeOf<ReturnType<typeof createIndex<{ count: bigint }>>>().not.toBeNever()
})
