import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import process from 'node:process'
import { evaluateInBrowser, type RunAnswer } from './evaluate/browser-run.js'
import { checkAbove, compareHybrid, compareMetrics } from './evaluate/compare.js'
import { findExpected, type MetricTable } from './evaluate/expected.js'
import { evaluateOnNode } from './evaluate/node-run.js'
import { HELP, readCommand, type EvaluateCommand } from './evaluate/options.js'
import { precisionTable } from './evaluate/precision-table.js'
import { readRetrieval, readSts } from './evaluate/read-data.js'
import { evaluateSites } from './evaluate/sites/evaluate-sites.js'

/** Progress is told at each tenth. */
const PROGRESS_STEPS = 10

/** The metric that `--above` is about. */
const MAIN_METRIC = { sts: 'spearman_cosine', retrieval: 'ndcg@10' } as const

/** The numbers by dim; dims beyond the vectors' length keep the name they were asked by. */
function tableOf({ evaluations }: RunAnswer): MetricTable {
  return Object.fromEntries(evaluations.map(({ truncateDim, metrics }) => [String(truncateDim), metrics]))
}

function reportOf(command: EvaluateCommand, answer: RunAnswer): Record<string, unknown> {
  const { device, engine, dtype, runtime, threads, verified, warnings } = answer.report
  return {
    kind: command.kind,
    file: basename(command.file),
    model: command.modelName,
    browser: answer.browser,
    runs: { device, engine, dtype, runtime, threads, verified, warnings: warnings.map(({ kind }) => kind) },
    seconds: Math.round(answer.seconds * 10) / 10,
    results: tableOf(answer),
    evaluations: answer.evaluations,
  }
}

/** Numbers to compare with, at the dims that were asked for. */
function readExpected(command: EvaluateCommand): MetricTable | undefined {
  if (command.expect === undefined) return undefined
  const file = JSON.parse(readFileSync(command.expect.file, 'utf8')) as unknown
  const hints = { model: command.modelName, data: basename(command.file) }
  const table = findExpected(file, command.expect.path, hints)
  const { dims } = command
  if (dims === undefined) return table
  return Object.fromEntries(Object.entries(table).filter(([dim]) => dims.includes(Number(dim))))
}

/** @returns Whether all is well. */
function judge(
  command: EvaluateCommand,
  answer: RunAnswer,
  expected: MetricTable | undefined,
  say: (line: string) => void,
): boolean {
  const actual = tableOf(answer)
  const failures = checkAbove(actual, MAIN_METRIC[command.kind], command.above)
  const bounds = Object.keys(command.above).length
  if (bounds > 0) say(`${bounds - failures.length} of ${bounds} dims are above their bound`)
  if (expected !== undefined) {
    const compared = compareMetrics(actual, expected, command.within, command.metrics)
    const { difference, where } = compared.largest
    const off = compared.failures.length
    say(`${compared.count} numbers compared, ${off} off; largest difference ${difference.toExponential(2)} (${where})`)
    failures.push(...compared.failures)
  }
  if (command.hybrid) {
    const compared = compareHybrid(actual, MAIN_METRIC.retrieval)
    for (const line of compared.lines) say(line)
    failures.push(...compared.failures)
  }
  if (command.precisions) say(precisionTable(actual, MAIN_METRIC.retrieval))
  for (const failure of failures) say(`OFF  ${failure}`)
  return failures.length === 0
}

async function main(): Promise<boolean> {
  const command = readCommand(process.argv.slice(2))
  if (command === 'help') {
    process.stdout.write(`${HELP}\n`)
    return true
  }
  const stream = command.json === '-' ? process.stderr : process.stdout
  const say = (line: string): void => {
    stream.write(`${line}\n`)
  }
  // All that can be wrong is found before minutes are spent.
  const expected = readExpected(command)
  const text = readFileSync(command.file, 'utf8')
  const data = command.kind === 'sts' ? readSts(text) : readRetrieval(text)
  const fromExpected =
    expected === undefined
      ? undefined
      : Object.keys(expected)
          .map(Number)
          .sort((a, b) => b - a)
  let told = 0
  const evaluate = command.inBrowser ? evaluateInBrowser : evaluateOnNode
  const answer = await evaluate(command, data, command.dims ?? fromExpected, (fraction) => {
    const step = Math.floor(fraction * PROGRESS_STEPS)
    if (step > told) process.stderr.write(`${(step * 100) / PROGRESS_STEPS} %\n`)
    told = Math.max(told, step)
  })
  const { device, engine, dtype } = answer.report
  say(`${command.modelName} on ${device} (${engine}, ${dtype}), ${answer.seconds.toFixed(1)} s\n\n${answer.markdown}`)
  const isGood = judge(command, answer, expected, say)
  if (command.markdown !== undefined) writeFileSync(command.markdown, answer.markdown)
  if (command.json !== undefined) {
    const json = `${JSON.stringify(reportOf(command, answer), null, 2)}\n`
    if (command.json === '-') process.stdout.write(json)
    else writeFileSync(command.json, json)
  }
  return isGood
}

try {
  // pnpm hands a `--` on.
  const [kind, ...rest] = process.argv.slice(2).filter((arg) => arg !== '--')
  process.exitCode = kind === 'search' ? await evaluateSites(rest) : (await main()) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
