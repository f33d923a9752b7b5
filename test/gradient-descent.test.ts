import { describe, expect, test } from 'vitest'
import { toMatrix } from '../src/digits.ts'
import { generate } from '../src/digits/generate.ts'
import type { Engine, EngineGradients } from '../src/engine.ts'
import { referenceEngine } from '../src/engine/reference.ts'
import { Divergence, epochLength, gradientDescent, miniBatches, learningRateFactor } from '../src/gradient-descent.ts'
import type { DescentOptions, Step } from '../src/gradient-descent.ts'
import type { Decay } from '../src/hyperparameters.ts'
import { map, matrix, scale, type Matrix } from '../src/matrix.ts'
import { backProp, forwardProp, initParams, updateParams, type Params } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { entries, expectClose } from './support/tensors.ts'

const digits = generate(60, 3)
const engine = referenceEngine(digits)
const start = initParams(randomStream(1), 4)
const zeros = matrix
const run = (options: Partial<DescentOptions> = {}) =>
  [...gradientDescent(start, engine, { iterations: 3, alpha: 0.1, ...options })].filter((step) => step !== undefined)

describe('gradient descent', () => {
  test('yields loss and accuracy before each update, and the parameters after it', () => {
    const X = toMatrix(digits)
    const params = engine.place(start)
    let iteration = 0
    for (const step of gradientDescent(start, engine, { iterations: 3, alpha: 0.1 })) {
      const { loss, correct } = engine.gradients(params)
      updateParams(params, backProp(params, forwardProp(params, X), X, digits.labels), 0.1)
      expect(step).toEqual({ iteration, loss, correct, accuracy: correct / 60, params })
      iteration++
    }
    expect(iteration).toBe(3)
  })

  test('reduces the loss', () => {
    const steps = run({ iterations: 50 })
    expect(steps[49].loss).toBeLessThan(steps[0].loss)
  })

  test('yields nothing if there are no iterations', () => {
    expect(run({ iterations: 0 })).toEqual([])
  })

  test('leaves the initial parameters unchanged', () => {
    const before = entries(start.W1)
    run()
    expect(entries(start.W1)).toEqual(before)
  })
})

describe('mini-batches', () => {
  const batches = (size: number) => ({ size, random: randomStream(5) })
  const taken = (size: number, epochs: number, m = 60) => {
    const rows = miniBatches(m, size, randomStream(5))
    return Array.from({ length: epochs }, () =>
      Array.from({ length: epochLength(m, size) }, () => [...rows.next().value]),
    )
  }

  test('show each example once per epoch, in a new order, in batches of equal size but for the last', () => {
    const [one, two] = taken(25, 2)
    expect(one!.map((batch) => batch.length)).toEqual([25, 25, 10])
    for (const epoch of [one!, two!]) expect(epoch.flat().toSorted((a, b) => a - b)).toEqual([...Array(60).keys()])
    expect(one).not.toEqual(two)
  })

  test('are shuffled as np.random.shuffle does', () => {
    const order = Uint32Array.from({ length: 60 }, (_, i) => i)
    randomStream(5).shuffle(order)
    expect(taken(60, 1)).toEqual([[[...order]]])
  })

  test('give each iteration its gradient', () => {
    const params = engine.place(start)
    for (const [i, batch] of taken(25, 2).flat().entries()) {
      updateParams(params, engine.gradients(params, Uint32Array.from(batch)), 0.1)
      const step = run({ iterations: i + 1, batches: batches(25) })[i]!
      expect(entries(step.params.W1)).toEqual(entries(params.W1))
    }
  })

  test('average loss and accuracy over the epoch so far', () => {
    const params = engine.place(start)
    const steps = run({ iterations: 6, batches: batches(25) })
    let [losses, right, seen] = [0, 0, 0]
    for (const [i, batch] of taken(25, 2).flat().entries()) {
      if (i === 3) [losses, right, seen] = [0, 0, 0]
      const gradients = engine.gradients(params, Uint32Array.from(batch))
      losses += gradients.loss * batch.length
      right += gradients.correct
      seen += batch.length
      expect(steps[i]!.loss).toBeCloseTo(losses / seen, 12)
      expect(steps[i]!.accuracy).toBe(right / seen)
      updateParams(params, gradients, 0.1)
    }
  })
})

describe('α', () => {
  const rates = (decay: Decay) => [0, 0.1, 0.25, 0.5, 0.75, 0.999].map((done) => learningRateFactor(decay, done))

  test('is constant, or falls linearly or along a cosine', () => {
    expect(rates('none')).toEqual([1, 1, 1, 1, 1, 1])
    expect(rates('linear')).toEqual([1, 0.9, 0.75, 0.5, 0.25, 1 - 0.999])
    const cosine = [0, 0.1, 0.25, 0.5, 0.75, 0.999].map((done) => (1 + Math.cos(Math.PI * done)) / 2)
    for (const [i, rate] of rates('cosine').entries()) expect(rate).toBeCloseTo(cosine[i]!, 15)
  })

  test('scales each step', () => {
    const params = engine.place(start)
    for (let i = 0; i < 3; i++) updateParams(params, engine.gradients(params), 0.1 * (1 - i / 3))
    expect(entries(run({ decay: 'linear' })[2]!.params.W1)).toEqual(entries(params.W1))
  })
})

describe('momentum', () => {
  test('updates V := μ V + dW, W := W − α V', () => {
    const params = engine.place(start)
    const V = { W1: zeros(4, 784), b1: zeros(4, 1), W2: zeros(10, 4), b2: zeros(10, 1) }
    for (let i = 0; i < 3; i++) {
      const gradients = engine.gradients(params)
      for (const name of ['W1', 'b1', 'W2', 'b2'] as const) {
        const [W, v, dW] = [params[name], V[name], gradients[`d${name}`]]
        for (let j = 0; j < v.data.length; j++) {
          v.data[j] = 0.9 * v.data[j]! + entries(dW)[j]!
          W.data[j]! -= 0.1 * v.data[j]!
        }
      }
    }
    const [, , { params: actual }] = run({ momentum: 0.9 }) as [Step, Step, Step]
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const) expectClose(name, actual[name], params[name], 1e-14)
  })
})

describe('a continued descent', () => {
  test.each([4, 6])('repeats the rest of the whole one, after %d of 9 iterations', (stop) => {
    const options = { iterations: 9, decay: 'cosine', momentum: 0.9 } as const
    const batches = () => ({ size: 25, random: randomStream(5) })
    const whole = run({ ...options, batches: batches() }).map(({ params, iteration, loss, accuracy }) => ({ iteration, loss, accuracy, W1: [...params.W1.data] })) // prettier-ignore
    const steps = gradientDescent(start, engine, { alpha: 0.1, ...options, batches: batches() })
    let last: Step | undefined
    for (let i = 0; i < stop; i++) last = steps.next().value as Step
    const { params, loss, correct, velocity } = last!
    const from = {
      iterations: stop,
      firstLoss: whole[0]!.loss,
      velocity: velocity!,
      ...(stop % 3 && { epoch: { loss, correct } }),
    }
    const rest = [...gradientDescent(params, engine, { alpha: 0.1, ...options, batches: batches(), from })].filter(
      (step) => step !== undefined,
    )
    expect(rest.map((step) => step.iteration)).toEqual(whole.slice(stop).map(({ iteration }) => iteration))
    expect([...rest.at(-1)!.params.W1.data]).toEqual(whole[8]!.W1)
    expect(rest.map((step) => [step.loss, step.accuracy])).toEqual(
      whole.slice(stop).map((step) => [step.loss, step.accuracy]),
    )
  })
})

describe("the notebook's code", () => {
  test('divides by all rows, and adds the same sum to every bias of a layer', () => {
    const { dW1, db1, dW2, db2 } = engine.gradients(start)
    const share = 60 / 70
    const total = (db: Matrix) => map(db, () => share * entries(db).reduce((sum, entry) => sum + entry, 0))
    const expected = engine.place(start)
    updateParams(expected, { dW1: scale(dW1, share), db1: total(db1), dW2: scale(dW2, share), db2: total(db2) }, 0.1)
    const [{ params }] = run({ iterations: 1, notebook: { rows: 70 } })
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const) expectClose(name, params[name], expected[name], 1e-15)
  })
})

describe('a diverging descent ends', () => {
  /** An engine with given losses, all of whose gradients are `slope`. */
  const engineOf = (losses: number[], slope = 0): Engine => ({
    ...engine,
    m: 1,
    *gradientsInSteps(params: Params) {
      const like = (name: keyof Params) => {
        const [rows, columns] = params[name].shape
        return matrix(rows, columns, new Float64Array(rows * columns).fill(slope))
      }
      const gradients = { dW1: like('W1'), db1: like('b1'), dW2: like('W2'), db2: like('b2') }
      return { ...gradients, loss: losses.length > 1 ? losses.shift()! : losses[0], correct: 0 } as EngineGradients
    },
  })
  const descend = (fake: Engine, iterations: number) => [...gradientDescent(start, fake, { iterations, alpha: 1 })]

  test.each([NaN, Infinity])('if the loss is %d', (loss) => {
    expect(() => descend(engineOf([2, 1, loss]), 10)).toThrow(
      new Divergence('the loss is no longer finite at iteration 2'),
    )
  })

  test.each([
    [10, 9],
    [300, 100],
  ])('at the next check after a parameter becomes infinite: %d iterations, iteration %d', (iterations, found) => {
    expect(() => descend(engineOf([2], -Number.MAX_VALUE), iterations)).toThrow(
      new Divergence(`a parameter is no longer finite after iteration ${found}`),
    )
  })

  test('if the loss exceeds the first and that of guessing at iteration 100', () => {
    expect(() => descend(engineOf([3, 1, 4]), 500)).toThrow(
      new Divergence('the loss has risen from 3.000 to 4.000 at iteration 100'),
    )
  })

  test('if it does at the last iteration', () => {
    expect(() => descend(engineOf([3, 1, 4]), 7)).toThrow(
      new Divergence('the loss has risen from 3.000 to 4.000 at iteration 6'),
    )
  })

  test('if it exceeds the first loss of the run that it continues', () => {
    const from = { iterations: 99, firstLoss: 3 }
    expect(() => [...gradientDescent(start, engineOf([4]), { iterations: 500, alpha: 1, from })]).toThrow(
      new Divergence('the loss has risen from 3.000 to 4.000 at iteration 100'),
    )
  })

  test('with mini-batches only if the loss exceeds them by half, since the first batch is a noisy one', () => {
    const inBatches = (losses: number[]) => {
      const batches = { size: 1, random: randomStream(1) }
      const options = { iterations: 7, alpha: 1, batches }
      return [...gradientDescent(start, engineOf(losses), options)]
    }
    expect(inBatches([3, 4.4])).toHaveLength(7)
    expect(() => inBatches([3, 4.6])).toThrow(new Divergence('the loss has risen from 3.000 to 4.600 at iteration 6'))
  })

  test('but not if a rising loss is still below that of guessing', () => {
    expect(descend(engineOf([0.1, 2.3]), 7)).toHaveLength(7)
  })
})
