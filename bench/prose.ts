import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const PAGE = join(import.meta.dirname, '../examples/in-page-search/index.html')

/**
 * Reads the sentences of the example that searches its own page.
 *
 * @returns Some hundred sentences, in their order.
 */
export function readProse(): string[] {
  return sentencesOf(readFileSync(PAGE, 'utf8'))
}

/** Finds the sentences of a page, without mark-up: those of its paragraphs that have an id. */
function sentencesOf(html: string): string[] {
  const paragraphs = [...html.matchAll(/<p\s[^>]*id="[a-z]+-\d+"[^>]*>(.*?)<\/p>/gs)]
  return paragraphs
    .map(([, text = '']) =>
      text
        .replaceAll(/<[^>]*>/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .flatMap((text) => text.split(/(?<=[.!?]) /))
    .filter((sentence) => sentence !== '')
}
