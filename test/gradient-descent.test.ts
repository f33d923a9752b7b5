import { describe, expect, test } from 'vitest'
import { toMatrix } from '../src/digits.ts'
import { generate } from '../src/digits/generate.ts'
import type { Engine } from '../src/engine.ts'
import { referenceEngine } from '../src/engine/reference.ts'
import { Divergence, gradientDescent, type DescentOptions } from '../src/gradient-descent.ts'
import { map, matrix, scale, type Matrix } from '../src/matrix.ts'
import { backProp, forwardProp, initParams, updateParams, type Params } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { entries, expectClose } from './tensors.ts'

const digits = generate(60, 3)
const engine = referenceEngine(digits)
const start = initParams(randomStream(1), 4)
const run = (options: Partial<DescentOptions> = {}) =>
  [...gradientDescent(start, engine, { iterations: 3, alpha: 0.1, ...options })].filter((step) => step !== undefined)

describe('gradient descent', () => {
  test('yields every iteration: loss and accuracy before its update, the parameters after it', () => {
    const X = toMatrix(digits)
    const params = engine.place(start)
    let iteration = 0
    for (const step of gradientDescent(start, engine, { iterations: 3, alpha: 0.1 })) {
      const { loss, correct } = engine.gradients(params)
      updateParams(params, backProp(params, forwardProp(params, X), X, digits.labels), 0.1)
      expect(step).toEqual({ iteration, loss, accuracy: correct / 60, params })
      iteration++
    }
    expect(iteration).toBe(3)
  })

  test('lets the loss fall', () => {
    const steps = run({ iterations: 50 })
    expect(steps[49].loss).toBeLessThan(steps[0].loss)
  })

  test('of no iterations yields nothing', () => {
    expect(run({ iterations: 0 })).toEqual([])
  })

  test('leaves the parameters that it started from as they were', () => {
    const before = entries(start.W1)
    run()
    expect(entries(start.W1)).toEqual(before)
  })
})

describe("the notebook's code", () => {
  test('divides by all rows, and gives every bias of a layer the sum of all', () => {
    const { dW1, db1, dW2, db2 } = engine.gradients(start)
    const share = 60 / 70
    const total = (db: Matrix) => map(db, () => share * entries(db).reduce((sum, entry) => sum + entry, 0))
    const expected = engine.place(start)
    updateParams(expected, { dW1: scale(dW1, share), db1: total(db1), dW2: scale(dW2, share), db2: total(db2) }, 0.1)
    const [{ params }] = run({ iterations: 1, notebook: { rows: 70 } })
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const) expectClose(name, params[name], expected[name], 1e-15)
  })
})

describe('a descent that leads uphill ends', () => {
  /** An engine with the given losses, and gradients that are all `slope`. */
  const engineOf = (losses: number[], slope = 0): Engine => ({
    ...engine,
    m: 1,
    *gradientsInSteps(params: Params) {
      const like = (name: keyof Params) => {
        const [rows, columns] = params[name].shape
        return matrix(rows, columns, new Float64Array(rows * columns).fill(slope))
      }
      const gradients = { dW1: like('W1'), db1: like('b1'), dW2: like('W2'), db2: like('b2') }
      return { ...gradients, loss: losses.length > 1 ? losses.shift()! : losses[0], correct: 0 }
    },
  })
  const descend = (fake: Engine, iterations: number) => [...gradientDescent(start, fake, { iterations, alpha: 1 })]

  test.each([NaN, Infinity])('at the iteration whose loss is %d', (loss) => {
    expect(() => descend(engineOf([2, 1, loss]), 10)).toThrow(
      new Divergence('the loss is no longer finite at iteration 2'),
    )
  })

  test('at the iteration that makes a parameter infinite', () => {
    expect(() => descend(engineOf([2], -Number.MAX_VALUE), 10)).toThrow(
      new Divergence('a parameter is no longer finite after iteration 1'),
    )
  })

  test('where the loss is above the first and above a guess at iteration 100', () => {
    expect(() => descend(engineOf([3, 1, 4]), 500)).toThrow(
      new Divergence('the loss has risen from 3.000 to 4.000 at iteration 100'),
    )
  })

  test('where it is so at the last iteration', () => {
    expect(() => descend(engineOf([3, 1, 4]), 7)).toThrow(
      new Divergence('the loss has risen from 3.000 to 4.000 at iteration 6'),
    )
  })

  test('but not where it rises and is still better than a guess', () => {
    expect(descend(engineOf([0.1, 2.3]), 7)).toHaveLength(7)
  })
})
