import { expect, test } from 'vitest'
import { split } from '../../src/digits/split.ts'
import { randomStream } from '../../src/random.ts'

test('split shuffles rows as np.random.shuffle does after np.random.seed(7), and holds out the first', () => {
  const { train, dev } = split(10, 3, randomStream(7))
  expect([...dev]).toEqual([8, 5, 0])
  expect([...train]).toEqual([2, 1, 9, 7, 3, 6, 4])
})

test('split can hold out nothing, but not everything', () => {
  expect(split(10, 0, randomStream(7)).dev).toHaveLength(0)
  expect(() => split(10, 10, randomStream(7))).toThrow('cannot hold out 10 of 10 digits')
})
