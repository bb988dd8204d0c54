/** Writes rows into a target until it is killed: `write-to-sink.ts TARGET CWD ROWS BATCH`. Prints the number of rows behind each call of `write`. */
import process from 'node:process'
import { chooseSink } from '../../src/cli/embed/choose-sink.js'
import { checkpointAt, jobOf, rowsFrom } from './sink-rows.js'

const [target = '', cwd = '', ...numbers] = process.argv.slice(2)
const [total = 0, batch = 1] = numbers.map(Number)
const sink = await chooseSink(target, { cwd })
const kept = await sink.open(jobOf())
process.stdout.write(`from ${kept?.rows ?? 0} ${kept?.inputDigest ?? ''}\n`)
for (let start = kept?.rows ?? 0; start < total; start += batch) {
  const end = Math.min(total, start + batch)
  await sink.write(rowsFrom(start, end - start), checkpointAt(end))
  process.stdout.write(`${end}\n`)
}
await sink.finish()
process.stdout.write('finished\n')
