import type { Evaluation } from '../evaluators/evaluator.js'

/** Evaluations of one evaluator at several dims. */
export interface MetricGroup {
  /** Class of the evaluator. */
  readonly evaluator: string
  /** Its name. */
  readonly name: string
  /** Metrics without the evaluator's name, in the order in which they first come. */
  readonly metrics: readonly string[]
  /** One a dim. */
  readonly evaluations: readonly Evaluation[]
}

/**
 * Puts together what one table can show.
 *
 * @returns Groups, in the order in which they first come.
 */
export function metricGroups(evaluations: readonly Evaluation[]): readonly MetricGroup[] {
  const groups = new Map<string, Evaluation[]>()
  for (const evaluation of evaluations) {
    const key = `${evaluation.evaluator} ${evaluation.name}`
    groups.set(key, [...(groups.get(key) ?? []), evaluation])
  }
  return [...groups.values()].map((group) => {
    const { evaluator, name } = group[0] as Evaluation
    const metrics = new Set(group.flatMap((evaluation) => Object.keys(shortMetrics(evaluation))))
    return { evaluator, name, metrics: [...metrics], evaluations: group }
  })
}

/**
 * Gives metrics without the evaluator's name.
 *
 * @returns The same numbers.
 */
export function shortMetrics({ name, metrics }: Evaluation): Readonly<Record<string, number>> {
  const prefix = name === '' ? '' : `${name}_`
  return Object.fromEntries(Object.entries(metrics).map(([key, value]) => [key.slice(prefix.length), value]))
}
