import { expect, test } from 'vitest'
import { classMeans, UPRIGHT, uprightness } from '../../src/digits/class-means.ts'
import { generate } from '../../src/digits/generate.ts'
import { transpose } from '../../src/digits/suspicions.ts'

const digits = generate(10_000, 1)
const rows = Array.from(digits.labels.keys())

test('the means written down are those of drawn digits, in sixteenths of the greatest', () => {
  const { means } = classMeans(digits, rows)
  const greatest = Math.max(...means.flat())
  expect(UPRIGHT).toEqual(means.map((cells) => cells.map((ink) => Math.round((15 * ink) / greatest))))
})

test('transposing digits exchanges their two correlations', () => {
  const some = generate(500, 2)
  const before = uprightness(some, rows.slice(0, 500))
  transpose(some)
  const after = uprightness(some, rows.slice(0, 500))
  expect(after.upright).toBeCloseTo(before.transposed, 12)
  expect(after.transposed).toBeCloseTo(before.upright, 12)
  expect(before.upright).toBeGreaterThan(0.9)
})
