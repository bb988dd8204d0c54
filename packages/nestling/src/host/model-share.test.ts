import { expect, it } from 'vitest'
import { ModelShare } from './model-share.js'

const MODEL = { contents: 'weights' }
const [FIRST, SECOND] = [{}, {}]

it('has weights until the last of those that use them unloads the model', () => {
  const shared = new ModelShare()
  shared.join(FIRST)
  expect(shared.keep(MODEL)).toBe(MODEL)
  shared.join(SECOND)
  shared.leave(FIRST)
  expect(shared.model).toBe(MODEL)
  shared.leave(SECOND)
  expect(shared.model).toBeUndefined()
})

it('lets weights go that were no use, and no others', () => {
  const shared = new ModelShare()
  shared.join(FIRST)
  shared.keep(MODEL)
  shared.forget({ ...MODEL })
  expect(shared.model).toBe(MODEL)
  shared.forget(MODEL)
  expect(shared.model).toBeUndefined()
})
