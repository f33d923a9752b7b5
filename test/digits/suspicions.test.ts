import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { digitCount, join, pixelsOf, select, type Digits } from '../../src/digits.ts'
import { fingerprint } from '../../src/digits/fingerprint.ts'
import { generate } from '../../src/digits/generate.ts'
import { invert, makeBright, makeUpright, suspicions, transpose } from '../../src/digits/suspicions.ts'
import { unlabelled } from '../support/digits.ts'
import { someDigits } from '../support/examples.ts'
import { MNIST_DIR, realDigits } from '../support/numpy.ts'

const digits = generate(400, 11)
const from = (start: number, count: number, of = digits) =>
  select(
    of,
    Uint32Array.from({ length: count }, (_, i) => start + i),
  )
const changed = (change: (digits: Digits) => void) => (digits: Digits) => {
  const copy = from(0, digitCount(digits), digits)
  change(copy)
  return copy
}
const [transposed, inverted] = [transpose, invert].map(changed)
const [uprighted, brightened] = [makeUpright, makeBright].map(changed)
const with255 = (digits: Digits, pixel: (value: number) => number): Digits => ({
  ...digits,
  chunks: digits.chunks.map((chunk) => chunk.map(pixel)),
})

const TRANSPOSED =
  /^the digits look transposed, rows and columns exchanged, as EMNIST's are \(their means correlate 0\.\d\d with upright digits if transposed, −?0\.\d\d as they are\); --transpose corrects them$/
const INVERTED =
  /^the digits look inverted, dark on bright \([\d,]+ of [\d,]+ have a bright border\); --invert corrects them$/

describe('suspicions', () => {
  test.each([
    ['no digits', from(0, 0)],
    ['upright digits', digits],
    ['50 of them', from(0, 50)],
    ['unlabelled digits', unlabelled(digits)],
    ['unlabelled transposed digits, which only the labels show', unlabelled(transposed(digits))],
    ['too few transposed digits', transposed(from(0, 49))],
    ['noise', someDigits(300)],
    ['a few digits of one class', select(digits, Uint32Array.of(3, 3, 3))],
    ['sorted digits', select(digits, Uint32Array.from(digits.labels.keys()).toSorted((a, b) => digits.labels[a] - digits.labels[b]))],
  ])('finds nothing in %s', (_, digits) => {
    expect(suspicions(digits)).toEqual([])
  }) // prettier-ignore

  test('names transposed digits, inverted or not', () => {
    for (const some of [digits, from(0, 50), from(50, 50), from(200, 100)]) {
      expect(suspicions(transposed(some))).toEqual([expect.stringMatching(TRANSPOSED)])
      const both = [expect.stringMatching(INVERTED), expect.stringMatching(TRANSPOSED)]
      expect(suspicions(inverted(transposed(some)))).toEqual(both)
    }
  })

  test('names inverted digits, labelled or not, if most are', () => {
    const expected = [
      'the digits look inverted, dark on bright (400 of 400 have a bright border); --invert corrects them',
    ]
    expect(suspicions(inverted(digits))).toEqual(expected)
    expect(suspicions(unlabelled(inverted(digits)))).toEqual(expected)
    const few = join([inverted(from(0, 100)), from(100, 300)])
    expect(suspicions(unlabelled(few))).toEqual([])
  })

  test('names digits of one class', () => {
    const threes = select(
      digits,
      Uint32Array.from(digits.labels.keys()).filter((row) => digits.labels[row] === 3),
    )
    const message = `all ${threes.labels.length} labels are 3; check that the file holds the right labels`
    expect(suspicions(threes)).toEqual([message])
    expect(suspicions({ ...digits, labels: new Uint8Array(400) })).toEqual([
      'all 400 labels are 0; check that the file holds the right labels',
    ])
  })

  test.each([
    [
      '1',
      (value: number) => value >> 7,
      'the digits are nearly blank: the greatest pixel is 1, expected 255; multiply pixels by 255',
    ],
    [
      '15',
      (value: number) => value >> 4,
      'the digits are nearly blank: the greatest pixel is 15, expected 255; multiply pixels by 17',
    ],
    [
      '7',
      (value: number) => value >> 5,
      'the digits are nearly blank: the greatest pixel is 7, expected 255; write the original pixels',
    ],
    ['0', () => 0, 'the digits are blank: every pixel is 0; check that the file holds the right pixels'],
  ])('names digits whose greatest pixel is %s', (_, pixel, message) => {
    expect(suspicions(with255(digits, pixel))).toEqual([message])
  })

  test('looks at 1000 digits evenly spread', () => {
    const many = select(
      digits,
      Uint32Array.from({ length: 3000 }, (_, i) => i % 400),
    )
    expect(suspicions(many)).toEqual([])
    expect(suspicions(inverted(many))).toEqual([
      'the digits look inverted, dark on bright (1,000 of 1,000 have a bright border); --invert corrects them',
    ])
    expect(suspicions(transposed(many))).toEqual([expect.stringMatching(TRANSPOSED)])
  })

  test.skipIf(!MNIST_DIR || !existsSync(MNIST_DIR))('agrees on MNIST itself (needs MNIST_DIR)', () => {
    const real = realDigits(5000)
    for (let start = 0; start < 5000; start += 50) expect(suspicions(from(start, 50, real))).toEqual([])
    for (let start = 0; start < 5000; start += 200) {
      expect(suspicions(transposed(from(start, 200, real)))).toEqual([expect.stringMatching(TRANSPOSED)])
    }
    expect(suspicions(real)).toEqual([])
  })
})

test('transpose exchanges rows and columns, invert ink and paper', () => {
  const [turned, dark] = [transposed(digits), inverted(digits)]
  for (const row of [0, 399]) {
    const [before, after, inked] = [digits, turned, dark].map((some) => pixelsOf(some, row))
    for (const [y, x] of [[3, 20], [14, 9], [27, 0]]) {
      expect(after[28 * x + y]).toBe(before[28 * y + x])
      expect(inked[28 * y + x]).toBe(255 - before[28 * y + x])
    }
  }
  expect(fingerprint(transposed(turned))).toBe(fingerprint(digits))
  expect(fingerprint(inverted(dark))).toBe(fingerprint(digits))
}) // prettier-ignore

describe('corrections leave digits that need none', () => {
  test('makeUpright turns transposed digits, and those of which nothing is known', () => {
    expect(fingerprint(uprighted(transposed(digits)))).toBe(fingerprint(digits))
    expect(fingerprint(uprighted(digits))).toBe(fingerprint(digits))
    expect(fingerprint(uprighted(unlabelled(transposed(digits))))).toBe(fingerprint(unlabelled(digits)))
  })

  test('makeBright inverts digits that are dark on bright', () => {
    expect(fingerprint(brightened(inverted(digits)))).toBe(fingerprint(digits))
    expect(fingerprint(brightened(digits))).toBe(fingerprint(digits))
  })
})
