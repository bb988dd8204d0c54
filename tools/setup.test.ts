import { expect, test } from 'vitest'
import { nodeProblem } from './setup.mjs'

test.each(['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.1.0'])('Node %s is new enough', (version) => {
  expect(nodeProblem(version)).toBeUndefined()
})

test.each(['18.20.0', '20.18.3', '21.7.0', '22.11.0'])('Node %s is told to be too old', (version) => {
  expect(nodeProblem(version)).toContain(`current value is ${version}`)
})
