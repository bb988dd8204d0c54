/**
 * What examples of the docs use without saying where it comes from. They are compiled and run beside this module and given-embedder.ts, and
 * import from there what they use and do not declare: one place for the types and for the values.
 */
import { minilmL6 } from '@nestling/minilm-l6'
import type { ModelSource } from 'nestling'

export { minilmL6 } from '@nestling/minilm-l6'
export { latest, load, Matrix, quantizeEmbeddings } from 'nestling'

export const model: ModelSource = minilmL6

export const texts: readonly string[] = ['It is well.', "That's convenient.", 'away from the children']
export const sentences: readonly string[] = [
  'The train was late again.',
  'Our train did not come on time.',
  'A cat sleeps on the sofa.',
  'A kitten naps on the couch.',
  'The parliament passed the law.',
]
export const passages: readonly string[] = [
  'Air flows faster over the curved top of a wing, and the lower pressure there lifts the aeroplane.',
  'Swallows come back in April and build their nests of mud under the eaves.',
  'Dough rises because yeast makes gas, which the gluten holds.',
  'Green tea turns bitter in water that boils.',
  'Oil the chain of a bicycle before every long ride.',
  'A glider has no engine and climbs in rising air.',
  'The spare key hangs behind the cellar door.',
  'Most of the water on Earth is salt.',
  'Cover young tomato plants when a frost is announced.',
  'Trains on this line do not stop at the lake in winter.',
]
export const documents: readonly string[] = passages.slice(0, 5)
export const ids: readonly number[] = passages.map((_, index) => index)
export const query: string = 'how do planes stay up'
/** Thoreau, Walden (1854), chapter 2. */
export const chapter: string =
  'I went to the woods because I wished to live deliberately, to front only the essential facts of life, and see if I could not learn ' +
  'what it had to teach, and not, when I came to die, discover that I had not lived. I did not wish to live what was not life, living is ' +
  'so dear; nor did I wish to practise resignation, unless it was quite necessary. I wanted to live deep and suck out all the marrow of ' +
  'life, to live so sturdily and Spartan-like as to put to rout all that was not life, to cut a broad swath and shave close, to drive ' +
  'life into a corner, and reduce it to its lowest terms.\n\n' +
  'Still we live meanly, like ants; though the fable tells us that we were long ago changed into men; like pygmies we fight with cranes; ' +
  'it is error upon error, and clout upon clout, and our best virtue has for its occasion a superfluous and evitable wretchedness. Our ' +
  'life is frittered away by detail.'

export const signal: AbortSignal = new AbortController().signal
export const input: HTMLInputElement = document.body.appendChild(document.createElement('input'))
const progress = document.body.appendChild(document.createElement('progress'))
export const bar = {
  set(share: number): void {
    progress.value = share
  },
}
export const show = (event: Event): void => {
  progress.title = event.type
}
/** Written by whoever copies the service worker of the example. */
export const prepareOffline = async (): Promise<void> => undefined
