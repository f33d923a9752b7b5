import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { pixelsOf, PIXELS, select } from '../src/digits.ts'
import { createEngine } from '../src/engine/create-engine.ts'
import { explain, type Explanation } from '../src/explanation.ts'
import { clone, matrix } from '../src/matrix.ts'
import { forwardProp } from '../src/network.ts'
import { someDigits, someParams } from './support/examples.ts'

const digits = someDigits(20)
const sum = (numbers: Iterable<number>) => Array.from(numbers).reduce((total, number) => total + number, 0)
const byPixels = ({ pixels, constant }: Explanation) => sum(pixels) + constant
const byUnits = ({ units, bias }: Explanation) => sum(units.map(({ share }) => share)) + bias

describe.each(['simd', 'reference'] as const)('the shares add up to the difference of the %s engine', (name) => {
  test.each([1, 10, 200])('with %i hidden units, within 1e-12', async (hidden) => {
    const params = someParams(hidden)
    for (const row of [0, 1, 19]) {
      const engine = await createEngine(name, select(digits, Uint32Array.of(row)), { hidden, threads: 1 })
      const { predictions, A2 } = engine.evaluate(params, true)
      engine.close()
      for (let against = 0; against < 10; against++) {
        if (against === predictions[0]) continue
        const explanation = explain(params, pixelsOf(digits, row), predictions[0], against)
        const difference = Math.log(A2.get(predictions[0], 0) / A2.get(against, 0))
        for (const found of [explanation.difference, byPixels(explanation), byUnits(explanation)]) {
          expect(Math.abs(found - difference)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(difference)))
        }
      }
    }
  })
})

test('a share is what the difference loses if the pixel becomes paper, as long as the same units are active', () => {
  const params = someParams(3)
  params.b1.data.set([1000, 1000, -1000]) // always active, always active, never
  const pixels = pixelsOf(digits, 5)
  const { difference, pixels: shares, units, digit, against } = explain(params, pixels, 4, 7)
  expect(units.map(({ unit }) => unit).toSorted()).toEqual([0, 1])
  for (let p = 0; p < PIXELS; p += 13) {
    const without = pixels.slice()
    without[p] = 0
    expect(difference - explain(params, without, digit, against).difference).toBeCloseTo(shares[p], 9)
    if (pixels[p] === 0) expect(shares[p]).toBe(0)
  }
})

test('the constant is the difference on blank paper if the same units are active', () => {
  const params = someParams(5)
  params.b1.data.fill(1000)
  const { constant } = explain(params, pixelsOf(digits, 2), 3, 8)
  expect(explain(params, new Uint8Array(PIXELS), 3, 8).difference).toBeCloseTo(constant, 9)
})

test('without --against, the other digit is the most probable of the rest', () => {
  const params = someParams(10)
  for (let row = 0; row < 20; row++) {
    const X = matrix(
      PIXELS,
      1,
      Float64Array.from(pixelsOf(digits, row), (pixel) => pixel / 255),
    )
    const { data } = clone(forwardProp(params, X).A2)
    const order = Array.from(data.keys()).toSorted((a, b) => data[b] - data[a])
    expect(explain(params, pixelsOf(digits, row), order[0]).against).toBe(order[1])
    expect(explain(params, pixelsOf(digits, row), order[4]).against).toBe(order[0])
  }
})

test('the units that add or take the most come first', () => {
  const { units } = explain(someParams(30), pixelsOf(digits, 0), 1, 2)
  const sizes = units.map(({ share }) => Math.abs(share))
  expect(units.length).toBeGreaterThan(5)
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
})

test('a page can use it: it imports nothing of Node', async () => {
  const bundled = build({ entryPoints: ['src/explanation.ts'], bundle: true, platform: 'browser', write: false })
  await expect(bundled).resolves.toMatchObject({ errors: [] })
})
