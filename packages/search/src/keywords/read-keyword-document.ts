import { show } from '@nestling/kit/options/show'
import { readId, type DocumentId } from '../wire/document-id.js'
import type { FieldBoosts } from './field-boosts.js'
import { TEXT_FIELD } from './field-boosts.js'
import type { KeywordDocument } from './keyword-index.js'

/** A document, with the texts of each field of the index. */
export interface ReadDocument {
  readonly id: DocumentId
  readonly texts: readonly (readonly string[])[]
}

/**
 * Checks a document.
 *
 * @throws {TypeError} If an id, a text or a field is none.
 */
export function readKeywordDocument(document: unknown, index: number, boosts: FieldBoosts): ReadDocument {
  const path = `documents[${index}]`
  if (typeof document !== 'object' || document === null) throw refusal(path, 'an object', document)
  const { id, text, fields = {} } = document as { readonly [K in keyof KeywordDocument]?: unknown }
  if (typeof text !== 'string') throw refusal(`${path}.text`, 'a string', text)
  if (typeof fields !== 'object' || fields === null) throw refusal(`${path}.fields`, 'an object', fields)
  const unknown = Object.keys(fields).find((name) => name === TEXT_FIELD || !boosts.has(name))
  if (unknown !== undefined) {
    const names = [...boosts.keys()].filter((name) => name !== TEXT_FIELD).join(', ')
    throw new TypeError(
      `Cannot add documents as ${path}.fields.${unknown} is no field of the index: the fields are ${names === '' ? 'none' : names}`,
    )
  }
  const given = new Map<string, unknown>([...Object.entries(fields), [TEXT_FIELD, text]])
  const texts = Array.from(boosts.keys(), (name) => readField(`${path}.fields.${name}`, given.get(name)))
  return { id: readId('add documents', `${path}.id`, id), texts }
}

function readField(path: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (texts.every((text) => typeof text === 'string')) return texts
  throw refusal(path, 'a string or a list of strings', value)
}

function refusal(path: string, rule: string, value: unknown): TypeError {
  return new TypeError(`Cannot add documents as ${path} must be ${rule}: current value is ${show(value)}`)
}
