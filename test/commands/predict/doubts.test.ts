import { describe, expect, test } from 'vitest'
import { doubtAbout } from '../../../src/commands/predict/doubts.ts'
import { PIXELS, pixelsOf } from '../../../src/digits.ts'
import { generate } from '../../../src/digits/generate.ts'

const CERTAIN = Float64Array.of(0.01, 0.01, 0.01, 0.9, 0.01, 0.01, 0.01, 0.02, 0.01, 0.01)
const PAIRS = Array.from({ length: 100 }, (_, i) => [Math.floor(i / 10), i % 10]).filter(([a, b]) => a !== b)
const digit = pixelsOf(generate(1, 1), 0)

describe('a prediction', () => {
  test('is not doubted if it is certain and there is as much ink as in MNIST', () => {
    expect(doubtAbout(digit, CERTAIN, 'index')).toBe(undefined)
    expect(doubtAbout(digit.map((pixel) => pixel / 2), CERTAIN, 'index'), 'half the ink').toBe(undefined) // prettier-ignore
  })

  test('of a blank or nearly blank picture has no ink', () => {
    expect(doubtAbout(new Uint8Array(PIXELS), CERTAIN, 'index')).toBe('no ink')
    expect(doubtAbout(new Uint8Array(PIXELS).fill(255, 400, 402), CERTAIN, 'index')).toBe('no ink')
  })

  test('of a picture that fills its box is of nearly all ink; a row may have as much', () => {
    const blot = Uint8Array.from({ length: PIXELS }, (_, i) => (i % 28 >= 5 && i % 28 < 23 && i >= 28 * 5 && i < 28 * 20 ? 255 : 0)) // prettier-ignore
    expect(doubtAbout(blot, CERTAIN, 'file')).toBe('nearly all ink')
    expect(doubtAbout(blot, CERTAIN, 'index')).toBe(undefined)
  })

  test('of an inverted row is mostly ink', () => {
    expect(doubtAbout(digit.map((pixel) => 255 - pixel), CERTAIN, 'index')).toBe('mostly ink') // prettier-ignore
  })

  test('is undecided if the two most probable digits are almost equally so', () => {
    for (const [first, second] of PAIRS) {
      const probabilities = new Float64Array(10).fill(0.01)
      probabilities[first] = 0.48
      probabilities[second] = 0.44
      expect(doubtAbout(digit, probabilities, 'index'), `${first} and ${second}`).toBe('undecided')
      probabilities[second] = 0.4
      expect(doubtAbout(digit, probabilities, 'index'), `${first} and ${second}`).toBe(undefined)
    }
  })
})
