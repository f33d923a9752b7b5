/** Pictures → digits the way MNIST's were made. */
import type { Picture, Plane } from '../picture.ts'
import { digitAmong, digitsAmong, isBoxed, withoutFrames } from './loose-shapes.ts'
import { ground, luminance, telling } from './luminance.ts'
import { inkBox, isNearlyAllInk, mnistRule, SIDE } from './mnist-rule.ts'
import { darkness } from './paper.ts'
import { like } from './planes.ts'
import { darkOnLight } from './polarity.ts'
import { withoutFrame, withoutRuledLines } from './ruled-lines.ts'
import { shapesOf, type Shape } from './shapes.ts'
import { thickened } from './strokes.ts'
import { inked, threshold } from './threshold.ts'

/** A step of the preparation, and the picture after it. */
export interface Step {
  name: string
  /** 0 is drawn dark, 1 bright. */
  plane: Plane
}

/** What is unlike MNIST. */
export type Warning = 'no ink' | 'nearly all ink' | 'several shapes'

export interface Prepared {
  /** 784 bytes, row by row; 0 is paper, 255 is ink. */
  pixels: Uint8Array
  steps: Step[]
  warnings: Warning[]
}

const LEAST = 0.03 // of luminance or darkness, below which nothing can be seen
const EDGE = 0.25 // ink from which on pixels belong to a shape

/** The digit of a picture. */
export function prepare(picture: Picture): Prepared {
  const own = asItIs(picture)
  if (own) return { pixels: own, steps: [{ name: 'as it is', plane: planeOf(own) }], warnings: warningsOf(own) }
  const { ink, shapes, steps } = found(picture)
  const digit = digitAmong(shapes)
  const { pixels, widened } = fitted(only(ink, digit))
  steps.push(
    { name: 'digit', plane: only(ink, digit) },
    { name: 'strokes', plane: widened },
    { name: '28×28', plane: planeOf(pixels) },
  )
  const warnings = warningsOf(pixels)
  if (digitsAmong(shapes).length > 1) warnings.push('several shapes')
  return { pixels, steps, warnings }
}

/** The digits of a picture that has several apart, from left to right. */
export function prepareMany(picture: Picture): Prepared[] {
  const { ink, shapes, steps } = found(picture)
  return digitsAmong(shapes).map((digit) => {
    const { pixels, widened } = fitted(only(ink, digit))
    const own = [
      { name: 'strokes', plane: widened },
      { name: '28×28', plane: planeOf(pixels) },
    ]
    return { pixels, steps: [...steps, ...own], warnings: warningsOf(pixels) }
  })
}

function found(picture: Picture): { ink: Plane; shapes: Shape[]; steps: Step[] } {
  const grey = telling(picture, ground(picture))
  const isBlank = contrast(grey) < LEAST
  const upright = isBlank ? grey : darkOnLight(grey) // noise has no polarity
  const dark = darkness(upright)
  const level = isBlank ? 0 : threshold(dark)
  const ink = level < LEAST ? like(dark, new Float32Array(dark.values.length)) : like(dark, dark.values.map((value) => inked(value, level))) // prettier-ignore
  const frames = shapesOf(ink, dark, EDGE, 0.5).filter((shape) => isBoxed(shape, ink))
  const unframed = frames.reduce((plane, { box }) => withoutFrame(plane, box, EDGE), ink)
  const clean = withoutRuledLines(unframed, EDGE)
  const shapes = withoutFrames(shapesOf(clean, dark, EDGE, 0.5), clean)
  const steps = [
    { name: 'luminance', plane: grey },
    { name: 'dark on light', plane: upright },
    { name: 'paper removed', plane: dark },
    { name: 'ink', plane: ink },
    { name: 'lines removed', plane: clean },
  ]
  return { ink: clean, shapes, steps }
}

/** The difference between the lightest and the darkest pixel. */
function contrast({ values }: Plane): number {
  return (
    values.reduce((most, value) => Math.max(most, value), 0) -
    values.reduce((least, value) => Math.min(least, value), 1)
  )
}

/** The ink of shapes and of their grey edges; the rest is paper. */
function only(ink: Plane, shapes: Shape[]): Plane {
  const values = new Float32Array(ink.values.length)
  const { width, height } = ink
  const REACH = 2
  for (const { pixels } of shapes) {
    for (const i of pixels) {
      const [x, y] = [i % width, Math.floor(i / width)]
      for (let ny = Math.max(0, y - REACH); ny <= Math.min(height - 1, y + REACH); ny++) {
        for (let nx = Math.max(0, x - REACH); nx <= Math.min(width - 1, x + REACH); nx++) {
          const n = ny * width + nx
          if (ink.values[n] < EDGE || n === i) values[n] = ink.values[n]
        }
      }
    }
  }
  return like(ink, values)
}

function fitted(ink: Plane): { pixels: Uint8Array; widened: Plane } {
  const box = inkBox(ink)
  if (!box) return { pixels: mnistRule(ink), widened: ink }
  const widened = thickened(ink, box)
  return { pixels: mnistRule(widened), widened }
}

/** A 28×28 picture that the rule would not change: MNIST's own, for one. */
function asItIs(picture: Picture): Uint8Array | undefined {
  if (picture.width !== SIDE || picture.height !== SIDE) return undefined
  const { values } = luminance(picture, ground(picture))
  const onLight = Uint8Array.from(values, (value) => Math.round(255 * (1 - value)))
  const onDark = Uint8Array.from(values, (value) => Math.round(255 * value))
  return [onDark, onLight].find(isMnists)
}

/** Whether the rule returns a digit as it is. A few of MNIST's are 19 pixels high: the rule returns them, taken for 20. */
function isMnists(pixels: Uint8Array): boolean {
  const plane = planeOf(pixels)
  const box = inkBox(plane)
  if (!box) return false
  const isSame = (other: Uint8Array) => other.every((value, i) => value === pixels[i])
  if (isSame(mnistRule(plane))) return true
  return Math.max(box.right - box.left, box.bottom - box.top) === 19 && isSame(mnistRule(plane, { ...box, right: box.left + 20 })) // prettier-ignore
}

function planeOf(pixels: Uint8Array): Plane {
  return { width: SIDE, height: SIDE, values: Float32Array.from(pixels, (pixel) => pixel / 255) }
}

function warningsOf(pixels: Uint8Array): Warning[] {
  if (pixels.every((pixel) => pixel === 0)) return ['no ink']
  return isNearlyAllInk(pixels) ? ['nearly all ink'] : []
}
