import { expect, test } from 'vitest'
import { digitsFrom, join, PIXELS, pixelsOf, select, type Digits } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { inspect } from '../../src/digits/inspect.ts'
import { picture, pictures } from '../../src/terminal/picture.ts'
import { unlabelled } from '../support/digits.ts'

const NONE = { count: 0, first: [] }
const drawn = generate(60, 4)

/** One digit; `at` gives the pixel of each row and column. */
function digit(at: (y: number, x: number) => number, label = 0): Digits {
  const pixels = Uint8Array.from({ length: PIXELS }, (_, p) => at(Math.floor(p / 28), p % 28))
  return digitsFrom(pixels, Uint8Array.of(label))
}

const isBorder = (y: number, x: number) => y === 0 || y === 27 || x === 0 || x === 27

test('generated digits have ten classes, an example of each, and nothing wrong', () => {
  const { classes, examples, ...found } = inspect(drawn)
  const labels = [...drawn.labels]
  expect(classes).toEqual(Array.from({ length: 10 }, (_, label) => labels.filter((other) => other === label).length))
  expect(examples).toEqual(Array.from({ length: 10 }, (_, label) => labels.indexOf(label)).filter((row) => row >= 0))
  const columns = Array.from({ length: PIXELS }, (_, p) => new Set(labels.map((_, row) => pixelsOf(drawn, row)[p]))) // prettier-ignore
  const constantPixels = columns.filter(({ size }) => size === 1).length
  expect(constantPixels).toBeGreaterThan(0)
  expect(found).toEqual({ constantPixels, duplicates: NONE, empty: NONE, inverted: NONE, allInk: NONE })
})

test('unlabelled digits have no classes, and the first ten rows as examples', () => {
  const some = unlabelled(drawn)
  expect(inspect(some)).toMatchObject({ classes: undefined, examples: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })
  expect(inspect(select(some, Uint32Array.of(5, 6))).examples).toEqual([0, 1])
})

test('in a single digit, every pixel is constant', () => {
  expect(inspect(digit(() => 7, 3))).toMatchObject({
    constantPixels: PIXELS,
    classes: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    examples: [0],
  })
})

test.each<[string, (y: number, x: number) => number, 'empty' | 'inverted' | 'allInk' | undefined]>([
  ['no ink', () => 0, 'empty'],
  ['a faint spot', (y, x) => (y === 9 && x === 9 ? 1 : 0), undefined],
  ['ink in every pixel', () => 255, 'allInk'],
  ['the faintest ink in every pixel', () => 128, 'allInk'],
  ['grey in every pixel', () => 127, undefined],
  ['ink in every pixel but one', (y, x) => (y === 9 && x === 9 ? 127 : 255), 'inverted'],
  ['ink in half of the pixels', (y) => (y < 14 ? 255 : 0), undefined],
  ['ink in one pixel more than half', (y, x) => (y < 14 || (y === 14 && x === 9) ? 255 : 0), 'inverted'],
  ['a border of ink', (y, x) => (isBorder(y, x) ? 255 : 0), 'inverted'],
  ['ink in half of the border', (y, x) => (isBorder(y, x) && x < 14 ? 255 : 0), undefined],
])('a digit with %s is classified', (_, at, expected) => {
  const { empty, inverted, allInk } = inspect(join([drawn, digit(at), digit(at), drawn]))
  const found = { count: 2, first: [60, 61] }
  expect({ empty, inverted, allInk }).toEqual({
    empty: NONE,
    inverted: NONE,
    allInk: NONE,
    ...(expected && { [expected]: found }),
  })
})

test('duplicates have the same pixels as an earlier digit, whatever their labels', () => {
  const almost = select(drawn, Uint32Array.of(3))
  pixelsOf(almost, 0)[PIXELS - 1] ^= 1
  const again = select(drawn, Uint32Array.of(3, 4, 3, 5, 6, 7))
  again.labels[0] ^= 1
  expect(inspect(join([drawn, almost, again])).duplicates).toEqual({ count: 6, first: [61, 62, 63, 64, 65] })
})

test('digits that differ in one bit are not duplicates', () => {
  const all = Array.from({ length: PIXELS }, (_, p) =>
    join([1, 128].map((bit) => digit((y, x) => (y * 28 + x === p ? bit : 0)))),
  )
  expect(inspect(join(all)).duplicates).toEqual(NONE)
})

test('digits with equal hashes but other pixels are not duplicates', () => {
  const afterFirstWord = (word: number) => {
    const hash = Math.imul(0x811c9dc5 ^ word, 0x01000193)
    return hash ^ (hash >>> 15)
  }
  const words = new DataView(new ArrayBuffer(2 * PIXELS))
  words.setInt32(PIXELS, 1, true) // the second digit begins with 1, and its second word makes the hashes equal
  words.setInt32(PIXELS + 4, afterFirstWord(0) ^ afterFirstWord(1), true)
  const two = digitsFrom(new Uint8Array(words.buffer), new Uint8Array(2))
  expect(inspect(two).duplicates).toEqual(NONE)
})

test('duplicates are found in pixels that are not aligned in memory', () => {
  const twice = pixelsOf(select(drawn, Uint32Array.of(1, 1)), 0, 2)
  const moved = new Uint8Array(twice.length + 3)
  moved.set(twice, 3)
  expect(inspect(digitsFrom(moved.subarray(3), new Uint8Array(2))).duplicates).toEqual({ count: 1, first: [1] })
})

test('as many pictures as fit are side by side, under their titles', () => {
  const slash = pixelsOf(
    digit((y, x) => (y === x ? 255 : 0)),
    0,
  )
  const three = [1, 2, 3].map((row) => ({ pixels: slash, title: `row ${row}` }))
  for (const [width, titles] of [
    [88, [/^row 1 {23}  row 2 {23}  row 3$/]],
    [87, [/^row 1 {23}  row 2$/, /^row 3$/]],
    [20, [/^row 1$/, /^row 2$/, /^row 3$/]],
  ] as [number, RegExp[]][]) {
    const lines = pictures(three, false, width).split('\n')
    expect(lines).toHaveLength(16 * titles.length - 1)
    titles.forEach((title, i) => expect(lines[16 * i]).toMatch(title))
  }
  const [, ...lines] = pictures(three.slice(0, 1), false, 80).split('\n')
  expect(lines).toEqual(Array.from({ length: 14 }, (_, i) => `${' '.repeat(2 * i)}++`)) // half ink, half paper
  const [, ...coloured] = pictures(three.slice(0, 1), true, 80).split('\n')
  expect(coloured.join('\n')).toBe(picture(slash, true))
})
