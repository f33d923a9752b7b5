import { describe, expect, test } from 'vitest'
import { doubtAbout, doubtSentences } from '../../../src/commands/predict/doubts.ts'
import { emptyDigits, PIXELS, pixelsOf } from '../../../src/digits.ts'
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

test('sentences about several name the first five, and what they are', () => {
  const digits = { ...emptyDigits(7), labels: new Uint8Array() }
  const about = (subjects: object, m = 7) => {
    const probabilities = Float64Array.from({ length: 10 * m }, (_, i) => CERTAIN[i % 10])
    return doubtSentences({ subjects: { digits, ...subjects }, probabilities } as Parameters<typeof doubtSentences>[0])
  }
  const files = ['a.png', 'b.png', 'c.png', 'd.png', 'e.png', 'f.png', 'g.png']
  const listed = 'a.png, b.png, c.png, d.png, e.png, …'
  expect(about({ kind: 'file', names: files })).toEqual([`7 of 7 pictures have no ink: ${listed}`])
  expect(about({ kind: 'file', names: files, places: files.map(() => 0) })).toEqual([
    `7 of 7 digits have no ink: ${listed}`,
  ])
  const five = { kind: 'index', names: [3, 4, 5, 6, 7], digits: { ...emptyDigits(5), labels: new Uint8Array() } }
  expect(about(five, 5)).toEqual(['5 of 5 rows have no ink: 3, 4, 5, 6, 7'])
})
