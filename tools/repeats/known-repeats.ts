import type { KnownRepeat } from './judge-repeats.js'

/** Pairs of files that may share more lines than others, and why. */
export const KNOWN_REPEATS: readonly KnownRepeat[] = [
  {
    files: ['examples/first-embeddings/src/device.ts', 'examples/in-page-search/src/device.ts'],
    lines: 16,
    reason: 'an example is whole by itself: readers copy its folder',
  },
  {
    files: ['packages/nestling/src/model/model-package.ts', 'packages/minilm-l6/src/model-package.ts'],
    lines: 28,
    reason: 'a model package has no dependency: types match by shape',
  },
  {
    files: [
      'packages/evaluate/src/evaluators/triplet-evaluator.ts',
      'packages/evaluate/src/evaluators/embedding-similarity-evaluator.ts',
    ],
    lines: 16,
    reason: 'the imports of two evaluators',
  },
  {
    files: ['packages/nestling/src/api/main-entry.ts', 'packages/nestling/src/api/onnx-entry.ts'],
    lines: 14,
    reason:
      'two entries export the same functions with other runtimes; a shared one would hide which literals each bundle has',
  },
  {
    files: ['packages/nestling/src/tokenize/words/word-piece.ts', 'packages/nestling/src/tokenize/words/bpe.ts'],
    lines: 14,
    reason: 'an interface wants the same small members of each kind of tokenizer, and their comments',
  },
]
