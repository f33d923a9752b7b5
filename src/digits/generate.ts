import { emptyDigits, PIXELS, pixelsOf, type Digits } from '../digits.ts'
import { randomStream } from '../random.ts'
import { glyphs, type Glyph, type Waypoint } from './glyphs.ts'

// Only + − × ÷, square roots, rounding and comparisons: their results are the same on every machine and in every
// JavaScript engine; those of sin, exp and pow may differ.

/** A point of a stroke and how hard the pen presses there; the mean is 1. */
interface Touch {
  x: number
  y: number
  pressure: number
}

type Rand = () => number

const SIDE = 28
const BOX = 20 // side of the square that the ink fits into, in pixels
const SEGMENTS = 3 // lines from one waypoint to the next

/**
 * Draws handwritten digits with pen strokes and centres them as MNIST does: fitted into 20×20 pixels, with the centre
 * of mass at the centre of 28×28. The same count and seed give the same bytes on every machine; a larger count gives
 * the same digits and more.
 * @param count how many digits, at least 0
 * @param seed an integer from 0 to 2³² − 1
 */
export function generate(count: number, seed: number): Digits {
  const digits = emptyDigits(count)
  const { rand } = randomStream(seed)
  for (let i = 0; i < count; i++) {
    const label = Math.floor(rand() * 10)
    digits.labels[i] = label
    pixelsOf(digits, i).set(draw(label, rand))
  }
  return digits
}

/** One digit: 28×28 bytes, row by row. */
function draw(label: number, rand: Rand): Uint8Array {
  const { strokes } = pick(glyphs[label], rand)
  const sloppiness = 0.5 + rand()
  const bend = bending(rand)
  const lean = leaning(rand)
  const pen = 0.8 + 0.85 * rand() + 0.15 * bell(rand) // radius in pixels
  const lines = strokes.map((stroke) => {
    const touches = wobble(stroke, sloppiness, rand)
    for (const touch of touches) {
      bend(touch)
      lean(touch)
    }
    return curve(touches, stroke)
  })
  fit(lines, pen)
  return centre(ink(lines, pen))
}

/** A random number from a bell curve: mean 0, variance 1, within ±3. */
function bell(rand: Rand): number {
  return 2 * (rand() + rand() + rand() - 1.5)
}

/** A random glyph, with probabilities proportional to the weights. */
function pick(choices: Glyph[], rand: Rand): Glyph {
  let left = rand() * choices.reduce((sum, { weight }) => sum + weight, 0)
  for (const glyph of choices) {
    left -= glyph.weight
    if (left < 0) return glyph
  }
  return choices[choices.length - 1]
}

/** Moves the stroke a little and each waypoint a little, and lengthens or shortens both ends. */
function wobble(stroke: Waypoint[], sloppiness: number, rand: Rand): Touch[] {
  const dx = 1.5 * sloppiness * bell(rand)
  const dy = 1.5 * sloppiness * bell(rand)
  const touches = stroke.map(({ x, y, room }) => {
    const stray = 0.7 * sloppiness * Math.sqrt(room) // if it were the same for all, small loops would become polygons
    return { x: x + dx + stray * bell(rand), y: y + dy + stray * bell(rand), pressure: 1 + 0.12 * bell(rand) }
  })
  lengthen(touches[0], touches[1], 0.12 * bell(rand))
  lengthen(touches[touches.length - 1], touches[touches.length - 2], 0.12 * bell(rand))
  return touches
}

/** Moves the end of a stroke away from the waypoint next to it, by a fraction of their distance. */
function lengthen(end: Touch, inner: Touch, fraction: number) {
  end.x += fraction * (end.x - inner.x)
  end.y += fraction * (end.y - inner.y)
}

/** A quadratic distortion: enlarges one half, arches lines, fans columns out. */
function bending(rand: Rand) {
  const [xx, xy, yy, XX, XY, YY] = Array.from({ length: 6 }, () => 5 * bell(rand)) // coefficients for x, then for y
  return (touch: Touch) => {
    const x = (touch.x - 33) / 33 // about −1 to 1; 0 is the middle of the digit
    const y = (touch.y - 50) / 50
    touch.x += xx * x * x + xy * x * y + yy * y * y
    touch.y += XX * x * x + XY * x * y + YY * y * y
  }
}

/** A linear distortion: stretches, slants and rotates. */
function leaning(rand: Rand) {
  const width = 1.2 + 0.25 * bell(rand)
  const slant = 0.08 + 0.2 * bell(rand)
  const t = 0.07 * bell(rand) // tangent of half the angle
  const cosine = (1 - t * t) / (1 + t * t)
  const sine = (2 * t) / (1 + t * t)
  return (touch: Touch) => {
    const x = width * touch.x - slant * touch.y
    const y = touch.y
    touch.x = cosine * x - sine * y
    touch.y = sine * x + cosine * y
  }
}

/** The Catmull-Rom spline through the touches, as a chain of short lines; its tangent is 0 at corners. */
function curve(touches: Touch[], stroke: Waypoint[]): Touch[] {
  const tangents = touches.map((touch, i) => {
    const before = touches[i - 1] ?? touch
    const after = touches[i + 1] ?? touch
    const half = stroke[i].corner ? 0 : 0.5
    return { x: half * (after.x - before.x), y: half * (after.y - before.y) }
  })
  const line = [touches[0]]
  for (let i = 1; i < touches.length; i++) {
    const [a, b] = [touches[i - 1], touches[i]]
    const [u, v] = [tangents[i - 1], tangents[i]]
    for (let step = 1; step <= SEGMENTS; step++) {
      const t = step / SEGMENTS
      const toB = t * t * (3 - 2 * t)
      const alongU = t * (1 - t) * (1 - t)
      const alongV = t * t * (t - 1)
      line.push({
        x: a.x + toB * (b.x - a.x) + alongU * u.x + alongV * v.x,
        y: a.y + toB * (b.y - a.y) + alongU * u.y + alongV * v.y,
        pressure: a.pressure + t * (b.pressure - a.pressure),
      })
    }
  }
  return line
}

/** Scales and moves the lines so that their ink just fits into the box; keeps the aspect ratio. */
function fit(lines: Touch[][], pen: number) {
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  for (const line of lines) {
    for (const { x, y } of line) {
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  const scale = (BOX - 2 * pen) / Math.max(right - left, bottom - top)
  for (const line of lines) {
    for (const touch of line) {
      touch.x = BOX / 2 + scale * (touch.x - (left + right) / 2)
      touch.y = BOX / 2 + scale * (touch.y - (top + bottom) / 2)
    }
  }
}

/** The ink, 0 to 1, that the lines leave on each pixel of the box. */
function ink(lines: Touch[][], pen: number): Float64Array {
  const box = new Float64Array(BOX * BOX)
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) inkSegment(box, line[i - 1], line[i], pen)
  }
  return box
}

/** Inks pixels by their distance from the segment: fully within the pen's radius, fading over one pixel at its edge. */
function inkSegment(box: Float64Array, a: Touch, b: Touch, pen: number) {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const square = dx * dx + dy * dy
  const radius = (pen * (a.pressure + b.pressure)) / 2
  const reach = radius + 0.5
  const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach))
  const right = Math.min(BOX - 1, Math.floor(Math.max(a.x, b.x) + reach))
  const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach))
  const bottom = Math.min(BOX - 1, Math.floor(Math.max(a.y, b.y) + reach))
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const x = column + 0.5 - a.x
      const y = row + 0.5 - a.y
      const t = square === 0 ? 0 : Math.max(0, Math.min(1, (x * dx + y * dy) / square))
      const ex = x - t * dx
      const ey = y - t * dy
      const inked = Math.min(1, reach - Math.sqrt(ex * ex + ey * ey))
      const pixel = row * BOX + column
      if (inked > box[pixel]) box[pixel] = inked
    }
  }
}

/** Puts the box on 28×28 pixels of paper with the ink's centre of mass at the centre, to the nearest pixel. */
function centre(box: Float64Array): Uint8Array {
  let mass = 0
  let across = 0
  let down = 0
  for (let row = 0; row < BOX; row++) {
    for (let column = 0; column < BOX; column++) {
      const inked = box[row * BOX + column]
      mass += inked
      across += inked * (column + 0.5)
      down += inked * (row + 0.5)
    }
  }
  const left = margin(across / mass)
  const top = margin(down / mass)
  const pixels = new Uint8Array(PIXELS)
  for (let row = 0; row < BOX; row++) {
    for (let column = 0; column < BOX; column++) {
      pixels[(top + row) * SIDE + left + column] = Math.round(255 * box[row * BOX + column])
    }
  }
  return pixels
}

/** Pixels of paper before the box that move its centre of mass to the centre of the paper. */
function margin(centreOfMass: number): number {
  return Math.max(0, Math.min(SIDE - BOX, Math.round(SIDE / 2 - centreOfMass)))
}
