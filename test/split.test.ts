import { expect, test } from 'vitest'
import type { Digits } from '../src/digits.ts'
import { split } from '../src/digits/split.ts'
import { randomStream } from '../src/random.ts'

/** Ten digits, each labelled with its row and inked with it. */
const digits: Digits = {
  pixels: Uint8Array.from({ length: 7840 }, (_, p) => Math.floor(p / 784)),
  labels: Uint8Array.from({ length: 10 }, (_, row) => row),
}

test('the rows are shuffled as np.random.shuffle does after np.random.seed(7), and the first of them held out', () => {
  const { train, dev } = split(digits, 3, randomStream(7))
  expect([...dev.labels]).toEqual([8, 5, 0])
  expect([...train.labels]).toEqual([2, 1, 9, 7, 3, 6, 4])
  expect([dev.pixels[0], dev.pixels[784], train.pixels[783], train.pixels[784]]).toEqual([8, 5, 2, 1])
})

test('nothing is held out where none is asked for, and something is always left to train on', () => {
  expect(split(digits, 0, randomStream(7)).dev.labels).toHaveLength(0)
  expect(() => split(digits, 10, randomStream(7))).toThrow('cannot hold out 10 of 10 digits')
})
