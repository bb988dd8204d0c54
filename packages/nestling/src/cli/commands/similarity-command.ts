import { defineCommand, type Command } from '../arguments/command.js'
import { EXIT } from '../cli-error.js'
import { DIMS_OPTION, loadModel, MODEL_OPTIONS } from '../models/load-model.js'

/** Digits behind the point: more are noise of the kernels. */
const SCORE_DIGITS = 4

/** Compares two texts. */
export const SIMILARITY: Command = defineCommand({
  name: 'similarity',
  summary: 'Tells how near two texts are in meaning.',
  about: ['Encodes two texts and compares them with the function that the model was trained for, mostly cosine.'],
  positionals: [
    { name: 'A', about: 'a text' },
    { name: 'B', about: 'another text' },
  ],
  options: {
    ...MODEL_OPTIONS,
    ...DIMS_OPTION,
    json: { type: 'boolean', about: 'Prints score, function and model as JSON.' },
  },
  examples: ['npx nestling similarity "a boat on the river" "a ship at sea"'],
  async run([a = '', b = ''], { dims, json, ...model }, context) {
    await using embedder = await loadModel(model, context, { workers: 1 })
    const signal = context.interruption
    const [first, second] = await Promise.all(
      [a, b].map((text) => embedder.encode([text], { truncateDim: dims, signal })),
    )
    if (first === undefined || second === undefined) return EXIT.failed
    const score = (await embedder.similarityPairwise(first, second)).data[0] ?? NaN
    const { similarityFunction, space } = embedder
    context.print(
      json
        ? JSON.stringify({ score, similarity: similarityFunction, dim: first.dim, space })
        : score.toFixed(SCORE_DIGITS),
    )
    return EXIT.ok
  },
})
