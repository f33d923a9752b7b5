import { describe, expect, test } from 'vitest'
import { pictureOf, SHEET, type Point } from '../../src/page/strokes.ts'

/** How dark the sheet is at a point, from 0 to 255. */
function darknessAt(points: Point[], width: number, { x, y }: Point): number {
  const { rgba } = pictureOf([{ points, width }])
  return 255 - rgba[4 * (Math.floor(y * SHEET) * SHEET + Math.floor(x * SHEET))]
}

describe('pictureOf', () => {
  test('leaves paper white and opaque', () => {
    const { width, height, rgba } = pictureOf([])
    expect([width, height]).toEqual([SHEET, SHEET])
    expect(rgba.every((byte) => byte === 255)).toBe(true)
  })

  test('inks a stroke as wide as its pen, and a single point as a disc', () => {
    const stroke = [{ x: 0.2, y: 0.5 }, { x: 0.8, y: 0.5 }] // prettier-ignore
    for (const [y, wanted] of [[0.5, 255], [0.54, 255], [0.56, 0], [0.44, 0]]) {
      expect(darknessAt(stroke, 0.1, { x: 0.5, y }), `${y}`).toBe(wanted)
    } // prettier-ignore
    expect(darknessAt(stroke, 0.1, { x: 0.17, y: 0.5 })).toBe(255) // the round end
    expect(darknessAt(stroke, 0.1, { x: 0.14, y: 0.5 })).toBe(0)
    const { rgba } = pictureOf([{ points: [{ x: 0.5, y: 0.5 }], width: 0.2 }])
    const ink = rgba.reduce((sum, byte, i) => (i % 4 === 0 ? sum + (255 - byte) / 255 : sum), 0)
    expect(ink / (Math.PI * (0.1 * SHEET) ** 2)).toBeCloseTo(1, 2)
  })

  test('does not depend on how many points a line has, nor on what lies outside', () => {
    const line = (count: number) => Array.from({ length: count + 1 }, (_, i) => ({ x: i / count, y: i / count }))
    expect(pictureOf([{ points: line(1), width: 0.1 }])).toEqual(pictureOf([{ points: line(4), width: 0.1 }]))
    const outside = [{ x: -0.5, y: 0.5 }, { x: 1.5, y: 0.5 }] // prettier-ignore
    expect(darknessAt(outside, 0.1, { x: 0.001, y: 0.5 })).toBe(255)
  })
})
