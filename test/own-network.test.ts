import { expect, test } from 'vitest'
import { toMatrix } from '../src/digits.ts'
import { map, matrix, scale, type Matrix } from '../src/matrix.ts'
import { backProp, forwardProp, oneHot } from '../src/network.ts'
import { LESSON, ownNetwork, type Network } from '../src/own-network.ts'
import { someDigits, someParams } from './support/examples.ts'
import { centralDifferences, entries, expectClose } from './support/tensors.ts'

const digits = someDigits(3)
const [X, Y] = [toMatrix(digits), digits.labels]
const tanh = {
  relu: (Z: Matrix) => map(Z, Math.tanh),
  reluSlope: (Z: Matrix) => map(Z, (z) => 1 - Math.tanh(z) ** 2),
}

/** All that a network computes of the digits. */
function computed({ forwardProp, backProp, loss }: Network, params = someParams(3)) {
  const layers = forwardProp(params, X)
  const gradients = backProp(params, layers, X, Y, 0.1)
  return { matrices: { ...layers, ...gradients }, loss: loss(layers.A2, Y, 0.1) }
}

test('without functions of one’s own the network is the lesson', () => {
  const params = someParams(3)
  const layers = forwardProp(params, X)
  const { matrices } = computed(ownNetwork({}))
  const expected = { ...layers, ...backProp(params, layers, X, Y, 0.1) }
  for (const [name, M] of Object.entries(expected)) {
    expect(entries(matrices[name as keyof typeof matrices]), name).toEqual(entries(M))
  }
})

test('the lesson’s propagations call an activation and a slope of one’s own: their gradients are those of its loss', () => {
  const network = ownNetwork(tanh)
  const params = someParams(3)
  const { matrices } = computed(network, params)
  expect(entries(matrices.A1)).toEqual(entries(map(matrices.Z1, Math.tanh)))
  for (const name of ['b1', 'W2', 'b2'] as const) {
    const J = () => computed(network, params).loss
    expectClose(`d${name}`, matrices[`d${name}`], centralDifferences(params[name], J), 1e-6)
  }
})

test('each function of one’s own is called where the lesson calls its own', () => {
  const ones = (Z: Matrix) => map(Z, () => 1)
  const before = computed(LESSON).matrices
  expect(entries(computed(ownNetwork({ softmax: ones })).matrices.A2)).toEqual(Array(30).fill(1))
  const shifted = computed(ownNetwork({ oneHot: (Y) => oneHot(Y.map((y) => (y + 1) % 10)) })).matrices
  expect(entries(shifted.db2)).not.toEqual(entries(before.db2))
  const doubled = ownNetwork({ backProp: (...of) => ({ ...LESSON.backProp(...of), db1: matrix(3, 1) }) })
  expect(entries(computed(doubled).matrices.db1)).toEqual([0, 0, 0])
  const wide = ownNetwork({ forwardProp: (params, X) => LESSON.forwardProp(params, scale(X, 2)) })
  expect(entries(computed(wide).matrices.Z1)).not.toEqual(entries(before.Z1))
})
