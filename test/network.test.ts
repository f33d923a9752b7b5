import { describe, expect, test } from 'vitest'
import { toMatrix } from '../src/digits.ts'
import { matrix } from '../src/matrix.ts'
import { backProp, correct, forwardProp, initParams, loss, predictions, softmax, updateParams } from '../src/network.ts'
import type { Params } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { isLong } from './support/long.ts'
import { fromNested, golden, GOLDEN_DIR, goldenParams, MNIST_DIR, realDigits } from './support/numpy.ts'
import { centralDifferences, entries, expectClose } from './support/tensors.ts'

describe('backProp computes the slopes of the loss', () => {
  const cases = [
    { m: 1, hidden: 1, seed: 4 },
    { m: 2, hidden: 3, seed: 2 },
    { m: 5, hidden: 10, seed: 3 },
    { m: 16, hidden: 7, seed: 4 },
  ]
  describe.each(isLong ? cases : cases.slice(0, 2))('m $m, $hidden hidden units, seed $seed', ({ m, hidden, seed }) => {
    const stream = randomStream(seed)
    const params = initParams(stream, hidden)
    const X = matrix(784, m)
    // As in MNIST, most pixels are 0.
    for (let i = 0; i < X.data.length; i++) X.data[i] = stream.rand() < 0.8 ? 0 : stream.rand()
    const Y = Uint8Array.from({ length: m }, () => Math.floor(stream.rand() * 10))
    const J = () => loss(forwardProp(params, X).A2, Y)
    const gradients = backProp(params, forwardProp(params, X), X, Y)

    test.each(['W1', 'b1', 'W2', 'b2'] as const)('d%s', (name) => {
      expectClose(`d${name}`, gradients[`d${name}`], centralDifferences(params[name], J), 1e-6)
    })
  })
})

describe.skipIf(!MNIST_DIR || !GOLDEN_DIR)("NumPy's run on 1000 digits (set MNIST_DIR and GOLDEN_DIR)", () => {
  test('is repeated within 1e-12: gradients, losses, accuracies, and parameters after 50 iterations', () => {
    const trace = golden()
    const digits = realDigits(trace.examples)
    const X = toMatrix(digits)
    const params: Params = goldenParams(trace.initial)
    for (let iteration = 0; iteration < trace.iterations; iteration++) {
      const activations = forwardProp(params, X)
      const gradients = backProp(params, activations, X, digits.labels)
      if (iteration === 0) {
        const { dW1Sum, dW1AbsSum, ...first } = trace.firstGradients
        for (const name of ['db1', 'dW2', 'db2'] as const) {
          expectClose(name, gradients[name], fromNested(first[name]), 1e-12)
        }
        const dW1 = entries(gradients.dW1)
        expect(dW1.reduce((sum, entry) => sum + entry, 0) / dW1Sum, 'sum of dW1').toBeCloseTo(1, 12)
        expect(dW1.reduce((sum, entry) => sum + Math.abs(entry), 0) / dW1AbsSum, 'sum of |dW1|').toBeCloseTo(1, 12)
      }
      expect(loss(activations.A2, digits.labels), `loss ${iteration}`).toBeCloseTo(trace.loss[iteration], 12)
      expect(correct(activations.A2, digits.labels) / trace.examples).toBe(trace.accuracy[iteration])
      updateParams(params, gradients, trace.alpha)
    }
    const final = goldenParams(trace.final)
    for (const name of ['W1', 'b1', 'W2', 'b2'] as const) expectClose(name, params[name], final[name], 1e-12)
  })
})

describe('initParams', () => {
  test('with he draws W uniformly in ±√(6/inputs) in the same order, and sets b to 0', () => {
    const [he, notebook] = [initParams(randomStream(42), 3, 'he'), randomStream(42)]
    for (const [W, inputs] of [
      [he.W1, 784],
      [he.W2, 3],
    ] as const) {
      const expected = entries(W).map(() => (2 * notebook.rand() - 1) * Math.sqrt(6 / inputs))
      entries(W).forEach((w, i) => expect(w).toBeCloseTo(expected[i]!, 14))
    }
    expect([...entries(he.b1), ...entries(he.b2)]).toEqual(Array(13).fill(0))
  })

  test('draws W1, b1, W2, b2 row by row, as np.random.rand(…) − 0.5 does', () => {
    const stream = randomStream(42)
    const inOrder = Array.from({ length: 3 * 784 + 3 + 30 + 10 }, () => stream.rand() - 0.5)
    const { W1, b1, W2, b2 } = initParams(randomStream(42), 3)
    expect([W1, b1, W2, b2].map(({ shape }) => shape)).toEqual([[3, 784], [3, 1], [10, 3], [10, 1]]) // prettier-ignore
    expect([W1, b1, W2, b2].flatMap(entries)).toEqual(inOrder)
  })
})

describe('softmax', () => {
  test('is finite and sums to 1 if exp would overflow', () => {
    expect(entries(softmax(matrix(3, 1, Float64Array.of(1000, 1000, -1000))))).toEqual([0.5, 0.5, 0])
  })

  test('is NaN if an entry is', () => {
    expect(entries(softmax(matrix(2, 1, Float64Array.of(NaN, 0))))).toEqual([NaN, NaN])
  })
})

describe('predictions', () => {
  test('are the most probable digits, the first of equals, and never correct if all are NaN', () => {
    const A2 = matrix(10, 3)
    A2.set(7, 0, 1)
    for (const i of [4, 6]) A2.set(i, 1, 0.5)
    for (let i = 0; i < 10; i++) A2.set(i, 2, NaN)
    expect([...predictions(A2)].slice(0, 2)).toEqual([7, 4])
    expect(correct(A2, Uint8Array.of(7, 4, 0))).toBe(2)
  })
})
