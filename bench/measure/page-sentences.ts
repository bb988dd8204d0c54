/**
 * Finds the sentences of a page, without mark-up: those of its paragraphs that have an id.
 *
 * @returns Its sentences, in their order.
 */
export function pageSentences(html: string): string[] {
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
