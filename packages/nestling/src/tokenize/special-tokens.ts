import { unknownPart, type PartJson } from './tokenizer-json.js'

/** Ids that the post-processor puts around a text. */
export interface SpecialTokens {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

interface TemplateJson {
  readonly single: readonly (
    { readonly SpecialToken: { readonly id: string } } | { readonly Sequence: { readonly id: string } }
  )[]
  readonly special_tokens: Readonly<Record<string, { readonly ids: readonly number[] }>>
}

interface ClsSepJson {
  readonly cls: readonly [string, number]
  readonly sep: readonly [string, number]
}

const NONE: SpecialTokens = { before: [], after: [] }

/** A part's own options stand beside its `type`. */
const READ: Readonly<Record<string, (json: never) => SpecialTokens>> = {
  TemplateProcessing: (json: TemplateJson) => readTemplate(json),
  BertProcessing: (json: ClsSepJson) => ({ before: [json.cls[1]], after: [json.sep[1]] }),
  RobertaProcessing: (json: ClsSepJson) => ({ before: [json.cls[1]], after: [json.sep[1]] }),
  // It only changes offsets.
  ByteLevel: () => NONE,
  Sequence: (json: { readonly processors: readonly PartJson[] }) =>
    json.processors.map(readSpecialTokens).reduce(
      (inner, outer) => ({
        before: [...outer.before, ...inner.before],
        after: [...inner.after, ...outer.after],
      }),
      NONE,
    ),
}

/**
 * Reads which special tokens go around one text.
 *
 * @param json - `post_processor` of tokenizer.json.
 * @returns Their ids.
 * @throws {EmbedderError} `model-unsupported` if its type is not known.
 */
export function readSpecialTokens(json: PartJson | null | undefined): SpecialTokens {
  if (json === null || json === undefined) return NONE
  if (!Object.hasOwn(READ, json.type)) throw unknownPart('post_processor', json.type)
  return (READ[json.type] as (json: PartJson) => SpecialTokens)(json)
}

function readTemplate(json: TemplateJson): SpecialTokens {
  const ids = json.single.map((piece) =>
    'SpecialToken' in piece ? (json.special_tokens[piece.SpecialToken.id]?.ids ?? []) : undefined,
  )
  const text = ids.indexOf(undefined)
  if (text < 0 || text !== ids.lastIndexOf(undefined)) {
    throw unknownPart('post_processor template', JSON.stringify(json.single))
  }
  const flatten = (part: readonly (readonly number[] | undefined)[]): number[] => part.flatMap((some) => some ?? [])
  return { before: flatten(ids.slice(0, text)), after: flatten(ids.slice(text + 1)) }
}
