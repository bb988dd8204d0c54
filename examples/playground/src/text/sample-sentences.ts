/** Sentences in pairs and threes of one meaning, to begin with. */
export const SAMPLE_SENTENCES: readonly string[] = [
  'The train was late again this morning.',
  'Our train did not arrive on time today.',
  'A cat is asleep on the sofa.',
  'The kitten naps on the couch.',
  'She plays the violin in an orchestra.',
  'He is a cellist with the philharmonic.',
  'The recipe needs two eggs and some flour.',
  'Heavy rain is expected this afternoon.',
]
