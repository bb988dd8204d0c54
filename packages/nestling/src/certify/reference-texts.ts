/** Raised when the texts change: vectors that were remembered are of the old ones then. */
export const REFERENCE_TEXTS_VERSION = 1

/**
 * What a model without golden vectors is checked with: short texts, other scripts, and lengths up to a few hundred tokens, of which
 * the budget takes the longest that it allows.
 */
export const REFERENCE_TEXTS: readonly string[] = [
  'The rain has stopped.',
  'Two herons stand in the shallow water beside the old mill.',
  '川の水は朝早く上がる。Паром уходит в полдень.',
  'Bread was 2.40 a loaf in 1987; the baker, a quiet man from the hills, wrote every price with chalk on the door and never once changed it.',
  paragraph(4),
  paragraph(14),
]

/** Plain sentences, each a little different, so that a swap of tokens changes the vector. */
function paragraph(sentences: number): string {
  const places = ['harbour', 'orchard', 'station', 'library', 'bridge', 'market', 'valley']
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']
  const lines = Array.from({ length: sentences }, (_, index) => {
    const place = places[index % places.length] ?? ''
    return `On ${days[index % days.length] ?? ''} we walked ${index + 2} miles from the ${place} and counted the birds until dusk.`
  })
  return lines.join(' ')
}
