import { emptyDigits, PIXELS, type Digits } from '../digits.ts'
import { randomStream } from '../random.ts'
import { glyphs, type Glyph, type Waypoint } from './glyphs.ts'

// Only + − × ÷, square roots, rounding and comparisons: these give the same bits on every machine and in every
// JavaScript engine, which sin, exp or pow need not.

/** A place on the way of the pen and how hard it presses there, 1 being its mean. */
interface Touch {
  x: number
  y: number
  pressure: number
}

type Rand = () => number

const SIDE = 28
const BOX = 20 // the ink fits into a square of this side
const SMOOTH = 3 // straight pieces from one waypoint to the next

/**
 * Draws handwritten digits with strokes of a pen, as MNIST presents them: fitted into 20×20 pixels, the centre of mass
 * at the centre of 28×28. The same count and seed give the same bytes everywhere, and a larger count more of the same.
 */
export function generate(count: number, seed: number): Digits {
  const digits = emptyDigits(count)
  const { rand } = randomStream(seed)
  for (let i = 0; i < count; i++) {
    const label = Math.floor(rand() * 10)
    digits.labels[i] = label
    digits.pixels.set(draw(label, rand), i * PIXELS)
  }
  return digits
}

/** One digit, 28 rows of 28 bytes. */
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

/** Bell-shaped draw of mean 0 and variance 1, within ±3. */
function bell(rand: Rand): number {
  return 2 * (rand() + rand() + rand() - 1.5)
}

/** One of the ways, as often as their weights say. */
function pick(ways: Glyph[], rand: Rand): Glyph {
  let left = rand() * ways.reduce((sum, { weight }) => sum + weight, 0)
  for (const way of ways) {
    left -= way.weight
    if (left < 0) return way
  }
  return ways[ways.length - 1]
}

/** Moves the whole stroke a little, each waypoint a little, and lets the ends overshoot or fall short. */
function wobble(stroke: Waypoint[], sloppiness: number, rand: Rand): Touch[] {
  const dx = 1.5 * sloppiness * bell(rand)
  const dy = 1.5 * sloppiness * bell(rand)
  const touches = stroke.map(({ x, y, room }) => {
    const stray = 0.7 * sloppiness * Math.sqrt(room) // the same for all would make polygons of small loops
    return { x: x + dx + stray * bell(rand), y: y + dy + stray * bell(rand), pressure: 1 + 0.12 * bell(rand) }
  })
  lengthen(touches[0], touches[1], 0.12 * bell(rand))
  lengthen(touches[touches.length - 1], touches[touches.length - 2], 0.12 * bell(rand))
  return touches
}

/** Moves the end of a stroke away from the waypoint next to it, by a share of their distance. */
function lengthen(end: Touch, inner: Touch, by: number) {
  end.x += by * (end.x - inner.x)
  end.y += by * (end.y - inner.y)
}

/** Bends the paper: makes one half larger than the other, lines arched, columns a fan. */
function bending(rand: Rand) {
  const [xx, xy, yy, XX, XY, YY] = Array.from({ length: 6 }, () => 5 * bell(rand)) // of x, then of y
  return (touch: Touch) => {
    const x = (touch.x - 33) / 33 // about −1 to 1, the middle of the digit being 0
    const y = (touch.y - 50) / 50
    touch.x += xx * x * x + xy * x * y + yy * y * y
    touch.y += XX * x * x + XY * x * y + YY * y * y
  }
}

/** Stretches, slants and turns. */
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

/** The Catmull-Rom curve through the touches, as a chain of short lines; at a corner its tangent is nil. */
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
    for (let step = 1; step <= SMOOTH; step++) {
      const t = step / SMOOTH
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

/** Scales and moves the lines so that their ink just fits into the box, keeping their proportions. */
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

/** How much ink, 0 to 1, the lines leave on each pixel of the box. */
function ink(lines: Touch[][], pen: number): Float64Array {
  const box = new Float64Array(BOX * BOX)
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) inkSegment(box, line[i - 1], line[i], pen)
  }
  return box
}

/** A pixel is inked by the nearest point of the segment: fully within the pen's radius, less and less at its edge. */
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

/** Puts the box on paper so that the centre of mass of its ink is at the centre, to the nearest pixel. */
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

/** Whole pixels of paper before the box that bring its centre of mass to the centre of the paper. */
function margin(middle: number): number {
  return Math.max(0, Math.min(SIDE - BOX, Math.round(SIDE / 2 - middle)))
}
