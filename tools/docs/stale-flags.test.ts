import { expect, it } from 'vitest'
import { staleFlags } from './stale-flags.js'

it('finds options that a command does not take, in code blocks and in lines', () => {
  const text =
    '```sh\nnpm start -- --exit\npnpm bench --onyl a # --not-this\n```\nRun `npx nestling copy-assets DIR --model x --wasm`.'
  expect(staleFlags(text)).toEqual([
    '"pnpm bench" has no option --onyl',
    '"npx nestling copy-assets" has no option --wasm',
  ])
})

it('knows the options that there are', () => {
  expect(
    staleFlags(
      'pnpm bench --only a --pages plain\npnpm evaluate sts f.csv --dims 64\nnpm test -- --all\nnpx nestling embed a -o b --dims 64 --id-column c\n',
    ),
  ).toEqual([])
})
