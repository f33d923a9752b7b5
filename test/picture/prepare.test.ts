/** Hard pictures of generated digits: what becomes of them is compared with the digits themselves. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { pixelsOf } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import type { Picture } from '../../src/picture.ts'
import { inkBox, mnistRule } from '../../src/picture/mnist-rule.ts'
import { prepare, prepareMany } from '../../src/picture/prepare.ts'
import { randomStream } from '../../src/random.ts'
import { isLong } from '../support/long.ts'
import { MNIST_DIR } from '../support/numpy.ts'
import { EVERYDAY, hardPicture, KINDS } from '../support/hard-pictures.ts'

const digits = generate(6, 3)
const digit = (i: number) => {
  const pixels = pixelsOf(digits, i)
  return mnistRule({ width: 28, height: 28, values: Float32Array.from(pixels, (pixel) => pixel / 255) })
}

/** How alike two digits are: the cosine of the angle between them. */
function likeness(a: Uint8Array, b: Uint8Array): number {
  let [product, own, other] = [0, 0, 0]
  a.forEach((value, i) => {
    product += value * b[i]
    own += value * value
    other += b[i] * b[i]
  })
  return product / Math.sqrt(own * other || 1)
}

/** A drawing in greys: 0 is black. */
function drawing(width: number, height: number, grey: (x: number, y: number) => number): Picture {
  const rgba = new Uint8Array(4 * width * height)
  for (let i = 0; i < width * height; i++) {
    const value = grey(i % width, Math.floor(i / width))
    rgba.set([value, value, value, 255], 4 * i)
  }
  return { width, height, rgba }
}

const isIn = (x: number, y: number, [left, top, right, bottom]: number[]) =>
  x >= left && x < right && y >= top && y < bottom

describe('the digit of a picture', () => {
  test.each(Object.keys({ ...KINDS, ...EVERYDAY }))('is found: %s', (kind) => {
    const least = /thin|thick|pencil|turned|photo|squared|coloured ink|blackboard|mouse|frame|desk/.test(kind)
      ? 0.6
      : 0.85
    for (const i of isLong ? [0, 1, 2, 3] : [0])
      expect(likeness(prepare(hardPicture(kind, digit(i), i)).pixels, digit(i))).toBeGreaterThan(least)
  })

  test.each([
    ['light on dark', 0],
    ['dark on light', 255],
  ])('is taken as it is from 28×28 pixels, %s', (_, paper) => {
    const pixels = digit(2)
    const picture = drawing(28, 28, (x, y) => Math.abs(paper - pixels[28 * y + x]))
    expect(prepare(picture)).toMatchObject({ pixels, warnings: [] })
  })

  test('loses the lines of its paper, ruled or squared, and keeps the strokes that they cross', () => {
    const strokes = [[100, 60, 190, 72], [100, 60, 112, 140], [100, 128, 180, 140], [168, 128, 180, 210], [100, 198, 180, 210]] // prettier-ignore
    const five = (x: number, y: number) => strokes.some((stroke) => isIn(x, y, stroke))
    const ruled = (x: number, y: number) => (40 + y - Math.round(x / 50)) % 40 < 2
    const clean = prepare(drawing(300, 300, (x, y) => (five(x, y) ? 0 : 255))).pixels
    for (const lines of [ruled, (x: number, y: number) => ruled(x, y) || x % 40 < 2]) {
      const { pixels } = prepare(drawing(300, 300, (x, y) => (five(x, y) ? 0 : lines(x, y) ? 80 : 255)))
      expect(likeness(pixels, clean)).toBeGreaterThan(0.95)
    }
  })

  test('keeps its loose strokes, and loses specks and the edge of the table', () => {
    const strokes = [[100, 60, 180, 70], [100, 80, 110, 140], [100, 130, 170, 140], [160, 140, 170, 200], [100, 190, 160, 200]] // prettier-ignore
    const five = (x: number, y: number) => strokes.some((stroke) => isIn(x, y, stroke))
    const clean = prepare(drawing(300, 300, (x, y) => (five(x, y) ? 0 : 255))).pixels
    const speck = (x: number, y: number) => isIn(x, y, [250, 40, 253, 43]) || isIn(x, y, [90, 225, 92, 227])
    const table = (x: number, y: number) => y + x / 20 > 285
    const dirty = prepare(drawing(300, 300, (x, y) => (five(x, y) || speck(x, y) ? 0 : table(x, y) ? 60 : 255))).pixels
    for (const pixels of [clean, dirty]) {
      const box = inkBox({ width: 28, height: 28, values: Float32Array.from(pixels) })!
      expect(box.bottom - box.top).toBe(20) // a speck or an edge would make the 5 smaller
      const bar = pixels.subarray(28 * (box.top + 1) + box.left, 28 * (box.top + 1) + box.right - 1)
      expect(bar.every((value) => value > 64)).toBe(true)
    }
  })

  test('loses the edges of a sheet on a desk as dark as its ink', () => {
    const bars = [[200, 150, 300, 165], [270, 165, 285, 350]] // prettier-ignore
    const seven = (x: number, y: number) => bars.some((bar) => isIn(x, y, bar))
    const sheet = (x: number, y: number) => isIn(x, y, [30, 30, 470, 470])
    const alone = prepare(drawing(500, 500, (x, y) => (seven(x, y) ? 30 : 240))).pixels
    const noise = (x: number, y: number) => (x * x + 7 * x * y + 3 * y * y) % 11
    const onDesk = drawing(500, 500, (x, y) => (seven(x, y) || !sheet(x, y) ? 25 : 235) + noise(x, y))
    expect(likeness(prepare(onDesk).pixels, alone)).toBeGreaterThan(0.95)
  })
})

const skipped = !MNIST_DIR
describe.skipIf(skipped)(`MNIST's test digits${skipped ? ' (skipped: MNIST_DIR is not set)' : ''}`, () => {
  test('are taken as they are from pictures of 28×28 pixels, in either polarity', () => {
    const bytes = gunzipSync(readFileSync(join(MNIST_DIR!, 't10k-images-idx3-ubyte.gz'))).subarray(16)
    const odd = [4530, 9300, 9302] // 19 pixels high
    const some = Array.from({ length: 10_000 }, (_, i) => i).filter((i) => isLong || i % 25 === 0)
    for (const i of [...some, ...odd]) {
      const own = bytes.subarray(784 * i, 784 * (i + 1))
      const picture = drawing(28, 28, (x, y) => Math.abs((i % 2) * 255 - own[28 * y + x]))
      expect(own.equals(prepare(picture).pixels), `row ${i}`).toBe(true)
    }
  })
})

describe('warnings', () => {
  const { rand } = randomStream(0)
  test.each([
    ['an empty picture', drawing(60, 60, () => 200), 'no ink'],
    ['noise', drawing(200, 200, (x, y) => 200 + ((x * 7 + y * 13) % 3)), 'no ink'],
    ['noise on white', drawing(400, 400, () => 255 - Math.floor(2 * rand())), 'no ink'],
    ['a blot', drawing(100, 100, (x, y) => (isIn(x, y, [20, 20, 80, 80]) ? 0 : 255)), 'nearly all ink'],
    ['two bars', drawing(300, 100, (x, y) => (isIn(x, y, [40, 20, 50, 80]) || isIn(x, y, [220, 20, 230, 80]) ? 0 : 255)), 'several shapes'],
  ])('%s', (_, picture, warning) => {
    expect(prepare(picture).warnings).toContain(warning)
  }) // prettier-ignore
})

describe('several digits are found', () => {
  const [left, top, right, bottom, wall] = [10, 10, 630, 190, 3]
  const isOutline = (x: number, y: number, [l, t, r, b]: number[]) =>
    isIn(x, y, [l, t, r, b]) && !isIn(x, y, [l + wall, t + wall, r - wall, b - wall])
  const cell = (i: number, gap: number) => [left + 155 * i, top, left + 155 * (i + 1) - gap, bottom]
  const rows = [0, 1, 2, 3]

  test.each<[string, (x: number, y: number) => boolean]>([
    ['on plain paper', () => false],
    ['on a sheet on a desk', (x, y) => !isIn(x, y, [8, 8, 642, 192])],
    ['in a frame', (x, y) => isOutline(x, y, [left, top, right, bottom])],
    ['in boxes', (x, y) => rows.some((i) => isOutline(x, y, cell(i, 8)))],
    ['in cells', (x, y) => rows.some((i) => isOutline(x, y, cell(i, -wall)))],
  ])('from left to right %s', (_, isLine) => {
    const digits = rows.map(digit)
    const picture = drawing(650, 200, (x, y) => {
      const i = Math.floor((x - 20) / 155)
      const [u, v] = [Math.floor((x - 20 - 155 * i) / 5), Math.floor((y - 30) / 5)]
      const ink = i < 0 || i > 3 || u > 27 || v < 0 || v > 27 ? 0 : digits[i][28 * v + u]
      return isLine(x, y) ? 40 : 255 - ink
    })
    const found = prepareMany(picture)
    expect(found).toHaveLength(4)
    for (const i of rows) expect(likeness(found[i].pixels, digit(i))).toBeGreaterThan(0.85)
  })
  test('row by row', () => {
    const digits = rows.map(digit)
    const picture = drawing(350, 330, (x, y) => {
      const i = (x < 195 ? 0 : 1) + (y < 175 ? 0 : 2)
      const [u, v] = [Math.floor(((x - 20) % 175) / 5), Math.floor(((y - 10) % 165) / 5)]
      return x < 20 || y < 10 || u > 27 || v > 27 ? 255 : 255 - digits[i][28 * v + u]
    })
    const found = prepareMany(picture)
    expect(found).toHaveLength(4)
    for (const i of rows) expect(likeness(found[i].pixels, digit(i))).toBeGreaterThan(0.8)
  })
})
