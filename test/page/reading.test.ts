import { expect, test } from 'vitest'
import { pixelsOf } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { initParams } from '../../src/network.ts'
import { decodeNumbers, encodeNumbers, packPixels, unpackPixels } from '../../src/page/encoding.ts'
import { paramsOf, reading } from '../../src/page/reading.ts'
import { randomStream } from '../../src/random.ts'

const params = initParams(randomStream(3), 12)
const digits = generate(50, 2)

test('the shares of the pixels and of the biases add up to the difference of the two logits', () => {
  for (let row = 0; row < 50; row++) {
    const { Z1, Z2, A1, A2, prediction, runnerUp, shares } = reading(params, pixelsOf(digits, row))
    expect(Math.max(...A2)).toBe(A2[prediction])
    expect(A2.filter((p) => p > A2[runnerUp])).toEqual([A2[prediction]])
    const active = A1.map((_, i) => (Z1[i] > 0 ? params.b1.get(i, 0) : 0))
    const weight = (i: number) => params.W2.get(prediction, i) - params.W2.get(runnerUp, i)
    const biases = active.reduce((sum, b, i) => sum + weight(i) * b, params.b2.get(prediction, 0) - params.b2.get(runnerUp, 0)) // prettier-ignore
    const total = shares.reduce((sum, share) => sum + share, biases)
    expect(total).toBeCloseTo(Z2[prediction] - Z2[runnerUp], 11)
  }
})

test('numbers and pixels survive as text, bit by bit', () => {
  const numbers = Float64Array.of(0, -0, 1 / 3, -1e-320, Number.MAX_VALUE, 7)
  expect(Object.is(decodeNumbers(encodeNumbers(numbers))[1], -0)).toBe(true)
  expect(decodeNumbers(encodeNumbers(numbers))).toEqual(numbers)
  const many = Float64Array.from({ length: 20_000 }, (_, i) => i / 7)
  expect(decodeNumbers(encodeNumbers(many))).toEqual(many)
  for (let row = 0; row < 50; row++) expect(unpackPixels(packPixels(pixelsOf(digits, row)))).toEqual(pixelsOf(digits, row))
  for (const length of [0, 1, 254, 255, 256, 510, 511]) {
    expect(unpackPixels(packPixels(new Uint8Array(length)))).toEqual(new Uint8Array(length))
  }
}) // prettier-ignore

test('the network of a report is the one that was written', () => {
  const { W1, b1, W2, b2 } = params
  const encoded = { W1: encodeNumbers(W1.data), b1: encodeNumbers(b1.data), W2: encodeNumbers(W2.data), b2: encodeNumbers(b2.data) } // prettier-ignore
  const read = paramsOf({ hidden: 12, params: encoded })
  for (const name of ['W1', 'b1', 'W2', 'b2'] as const) {
    expect([name, read[name].shape, read[name].data]).toEqual([name, params[name].shape, params[name].data])
  }
})
