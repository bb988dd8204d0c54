const PLACES = 10

/**
 * Computes NDCG@10 with a gain of `2 ** grade - 1`.
 *
 * @param found - Ids, the best first.
 * @param relevant - Grades; what is not named has none.
 * @returns From 0 to 1.
 * @see Burges et al. 2005, https://doi.org/10.1145/1102351.1102363
 */
export function gradedNdcg(found: readonly string[], relevant: Readonly<Record<string, number>>): number {
  const best = Object.values(relevant).sort((a, b) => b - a)
  return gainOf(found.map((id) => relevant[id] ?? 0)) / gainOf(best)
}

function gainOf(grades: readonly number[]): number {
  return grades.slice(0, PLACES).reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0)
}
