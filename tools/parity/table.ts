import type { ParityResult } from './compare.js'

/** What a run was. */
export interface ParityRun {
  readonly device: string
  readonly tolerance: number
  /** Chromium or Node, with its version. */
  readonly place: string
  readonly results: readonly ParityResult[]
}

/**
 * Writes the page of the documentation that proves parity.
 *
 * @returns Markdown.
 */
export function parityTable({ device, tolerance, place, results }: ParityRun): string {
  const rows = results.map(({ name, tokenMismatches, maxError, minCosine, failures }) => {
    const cells = [
      name,
      tokenMismatches,
      maxError.toExponential(1),
      minCosine.toFixed(6),
      failures.length === 0 ? 'PASS' : 'FAIL',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return `# Parity with Python on ${device}

Written by \`pnpm parity packages/testing/fixtures/models/* --device ${device} --table docs/parity-${device}.md\`, ${place}.

Each folder is loaded through the public API in a real worker and compared with what sentence-transformers 6.2.0 gives for 24 texts:
token ids, embeddings in batches of 1 and of 24, normalized, truncated, with each prompt, for queries and documents, and similarities.
The error is the largest |a - b| / max(1, max|row of b|) of all fields; it may be ${tolerance}.

| folder | token mismatches | largest error | smallest cosine | verdict |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
