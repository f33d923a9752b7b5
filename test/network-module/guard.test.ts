import { describe, expect, test } from 'vitest'
import { matrix, scale, toRows } from '../../src/matrix.ts'
import { initParams, relu, softmax } from '../../src/network.ts'
import { guarded, type UnknownFunctions } from '../../src/network-module/guard.ts'
import { received } from '../../src/network-module/received.ts'
import { LESSON } from '../../src/own-network.ts'
import { randomStream } from '../../src/random.ts'
import { someParams } from '../support/examples.ts'
import { entries } from '../support/tensors.ts'

const placeOf = (name: string, variable = '') => `mine.mjs/${name}/${variable}`
const Z = matrix(2, 3, Float64Array.of(1, -2, 3, -4, 5, -6))
const X = matrix(784, 2)

describe('a returned matrix', () => {
  test.each([
    ['an ndarray', matrix(2, 2, Float64Array.of(1, 2, 3, 4))],
    [
      'a list of rows',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a list of typed rows', [Float64Array.of(1, 2), Float32Array.of(3, 4)]],
    ['shape and data', { shape: [2, 2], data: [1, 2, 3, 4] }],
    ['shape, stride and data', { shape: [2, 2], stride: [1, 2], offset: 1, data: Float64Array.of(0, 1, 3, 2, 4) }],
  ])('can be %s', (_, value) => {
    const M = received(value)
    expect(typeof M === 'string' ? M : toRows(M)).toEqual([[1, 2], [3, 4]]) // prettier-ignore
  })

  test('can be a list of numbers, if it is a column', () => {
    const M = received([1, 2])
    expect(typeof M === 'string' ? M : toRows(M)).toEqual([[1], [2]])
  })

  test.each([
    [undefined, 'nothing'],
    [3, 'the number 3'],
    [Promise.resolve(), 'a promise, as async functions do'],
    [[[1, 2], [3]], 'a list whose rows are not equally long lists of numbers'],
    [[[]], 'a list whose rows are not equally long lists of numbers'],
    [['a'], 'a list without rows of numbers'],
    [{ shape: [2, 2], data: [1] }, 'an object of shape 2×2 with 1 number'],
    [{ dW: 1 }, 'an object with dW'],
  ])('is not %j', (value, words) => {
    expect(received(value)).toBe(words)
  })
})

/** What a call of the guarded function throws. */
function complaint<Name extends keyof UnknownFunctions>(
  name: Name,
  returned: unknown,
  call: (own: ReturnType<typeof guarded>) => unknown,
): string {
  try {
    call(guarded({ [name]: () => returned }, placeOf))
  } catch (error) {
    return String(error)
  }
  return 'nothing'
}

describe('a function of one’s own', () => {
  const params = someParams(3)
  const layers = LESSON.forwardProp(params, X)
  const gradients = LESSON.backProp(params, layers, X, Uint8Array.of(1, 2))

  test('may return what is right', () => {
    const own = guarded({ ...LESSON } as unknown as UnknownFunctions, placeOf)
    expect(entries(own.relu!(Z))).toEqual(entries(relu(Z)))
    expect(entries(own.softmax!(Z))).toEqual(entries(softmax(Z)))
    expect(own.forwardProp!(params, X)).toEqual(layers)
    expect(own.backProp!(params, layers, X, Uint8Array.of(1, 2))).toEqual(gradients)
    expect(own.initParams!(randomStream(1), 3)).toEqual(initParams(randomStream(1), 3))
    expect(own.loss!(layers.A2, Uint8Array.of(1, 2))).toBe(LESSON.loss(layers.A2, Uint8Array.of(1, 2)))
  })

  test.each([
    ['relu', undefined, 'relu/: relu returns nothing; it must be 2×3; is its return missing?'],
    [
      'relu',
      [
        [1, 2],
        [3, 4],
      ],
      'relu/: relu returns 2×2; it must be 2×3',
    ],
    ['relu', [1], 'relu/: relu returns 1×1; it must be 2×3'],
    [
      'relu',
      NaN,
      'relu/: relu returns the number NaN; it must be 2×3; +, -, * and / do not compute with matrices: use add, subtract, multiply, divide, scale',
    ],
    [
      'relu',
      [
        [1, 2, 3],
        [NaN, 5, 6],
      ],
      'relu/: relu returns 2×3 with NaN, though what it was given is finite',
    ],
  ] as const)('%s that returns %j is named with its place', (name, returned, sentence) => {
    expect(complaint(name, returned, ({ relu }) => relu!(Z))).toBe(`Error: mine.mjs/${sentence}`)
  })

  test('is not blamed for NaN that it was given, nor for numbers of a training that diverges', () => {
    expect(complaint('relu', [[NaN]], ({ relu }) => relu!(matrix(1, 1, Float64Array.of(NaN))))).toBe('nothing')
    expect(complaint('relu', [[NaN]], ({ relu }) => relu!(matrix(1, 1, Float64Array.of(1e200))))).toBe('nothing')
  })

  test.each([
    [undefined, '/: backProp returns nothing, not { dW1, db1, dW2, db2 }; is its return missing?'],
    [{ ...gradients, db2: undefined }, '/: backProp returns no db2; it must return { dW1, db1, dW2, db2 }'],
    [{ ...gradients, db2: 0.5 }, '/db2: backProp returns db2 as the number 0.5; it must be 10×1'],
    [{ ...gradients, dW2: gradients.dW1 }, '/dW2: backProp returns dW2 as 3×784; it must be 10×3'],
  ])('backProp’s gradients are checked one by one: %#', (returned, sentence) => {
    const call = (own: ReturnType<typeof guarded>) => own.backProp!(params, layers, X, Uint8Array.of(1, 2))
    expect(complaint('backProp', returned, call)).toBe(`Error: mine.mjs/backProp${sentence}`)
  })

  test('updateParams may change the parameters in place or return new ones', () => {
    const inPlace = guarded({ updateParams: LESSON.updateParams } as UnknownFunctions, placeOf)
    const returning = guarded({ updateParams: () => ({ ...params, b2: scale(params.b2, 3) }) }, placeOf)
    const [one, other] = [someParams(3), someParams(3)]
    inPlace.updateParams!(one, gradients, 1)
    expect(entries(one.b2)).not.toEqual(entries(params.b2))
    returning.updateParams!(other, gradients, 1)
    expect(entries(other.b2)).toEqual(entries(params.b2).map((b) => b * 3))
  })
})
