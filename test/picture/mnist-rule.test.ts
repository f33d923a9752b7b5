import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { inkBox, mnistRule } from '../../src/picture/mnist-rule.ts'
import { MNIST_DIR } from '../support/numpy.ts'

const plane = (pixels: Uint8Array) => ({
  width: 28,
  height: 28,
  values: Float32Array.from(pixels, (value) => value / 255),
})

/** A rectangle of full ink in an empty picture. */
function block(size: number, left: number, top: number, width: number, height: number) {
  const values = new Float32Array(size * size)
  for (let y = top; y < top + height; y++) values.fill(1, y * size + left, y * size + left + width)
  return { width: size, height: size, values }
}

const skipped = !MNIST_DIR
describe.skipIf(skipped)(`MNIST's rule${skipped ? ' (skipped: MNIST_DIR is not set)' : ''}`, () => {
  test("returns 9,996 or more of MNIST's 10,000 test digits as they are", () => {
    const bytes = gunzipSync(readFileSync(join(MNIST_DIR!, 't10k-images-idx3-ubyte.gz'))).subarray(16)
    let same = 0
    for (let at = 0; at < bytes.length; at += 784) {
      const digit = bytes.subarray(at, at + 784)
      if (digit.equals(mnistRule(plane(digit)))) same++
    }
    expect(same).toBeGreaterThanOrEqual(9996)
  })
})

describe("MNIST's rule", () => {
  test('fits the longer side into 20 pixels and keeps the aspect', () => {
    const pixels = mnistRule(block(400, 100, 50, 60, 200))
    expect(inkBox(plane(pixels))).toEqual({ left: 12, right: 18, top: 5, bottom: 25 })
    expect(pixels.filter((value) => value === 255)).toHaveLength(6 * 20)
  })

  test('enlarges a small digit', () => {
    expect(inkBox(plane(mnistRule(block(12, 1, 1, 5, 10))))).toEqual({ left: 10, right: 20, top: 5, bottom: 25 })
  })

  test('moves the centre of mass, not the box, to the centre', () => {
    const ink = block(40, 10, 10, 4, 20)
    for (let y = 26; y < 30; y++) ink.values.fill(1, y * 40 + 10, y * 40 + 30) // an L
    const box = inkBox(plane(mnistRule(ink)))!
    expect(box).toEqual({ left: 8, right: 28, top: 1, bottom: 21 })
  })

  test('leaves an empty picture empty', () => {
    expect(mnistRule(block(9, 0, 0, 0, 0)).every((value) => value === 0)).toBe(true)
  })
})
