import { emptyDigits, PIXELS, type Digits } from '../digits.ts'
import { randomStream } from '../random.ts'
import { glyphs, type Glyph, type Waypoint } from './glyphs.ts'

// Only + − × ÷, square roots, rounding and comparisons from here on: these give the same bits on every machine and
// JavaScript engine, which sin, exp or pow do not.

/** A place on the way of the pen and how hard it presses there, 1 being its mean. */
interface Touch {
  x: number
  y: number
  pressure: number
}

type Rand = () => number

const SIDE = 28
const BOX = 20 // the ink fits into a square of this side
const SMOOTH = 5 // line segments from one waypoint to the next

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
  const care = 0.5 + rand()
  const roundness = 0.6 * rand()
  const glyph = pick(glyphs[label], rand)
  const place = and(bend(rand), lean(rand))
  const lines = glyph.strokes.map((stroke) => {
    const wobbly = wobble(stroke, care, rand)
    wobbly.forEach(place)
    return curve(wobbly, stroke, roundness)
  })
  const pen = 0.8 + 0.85 * rand() + 0.15 * bell(rand)
  fit(lines, pen)
  return centre(ink(lines, pen))
}

/** Bell-shaped draw of mean 0 and variance 1, never beyond ±3. */
function bell(rand: Rand): number {
  return 2 * (rand() + rand() + rand() - 1.5)
}

function pick(ways: Glyph[], rand: Rand): Glyph {
  let left = rand() * ways.reduce((sum, { weight }) => sum + weight, 0)
  for (const way of ways) {
    left -= way.weight
    if (left < 0) return way
  }
  return ways[ways.length - 1]
}

/** Moves the whole stroke a little, each waypoint a little, and lets the ends overshoot or fall short. */
function wobble(stroke: Waypoint[], care: number, rand: Rand): Touch[] {
  const dx = 1.5 * care * bell(rand)
  const dy = 1.5 * care * bell(rand)
  const touches = stroke.map(({ x, y }) => ({
    x: x + dx + 4 * care * bell(rand),
    y: y + dy + 4 * care * bell(rand),
    pressure: 1 + 0.12 * bell(rand),
  }))
  lengthen(touches[0], touches[1], 0.12 * bell(rand))
  lengthen(touches[touches.length - 1], touches[touches.length - 2], 0.12 * bell(rand))
  return touches
}

function lengthen(end: Touch, inner: Touch, by: number) {
  end.x += by * (end.x - inner.x)
  end.y += by * (end.y - inner.y)
}

function and(first: (touch: Touch) => void, second: (touch: Touch) => void) {
  return (touch: Touch) => {
    first(touch)
    second(touch)
  }
}

/** Bends the paper: each place moves by a quadratic form of where it is, 0 in the middle. */
function bend(rand: Rand) {
  const [xx, xy, yy, XX, XY, YY] = Array.from({ length: 6 }, () => 6 * bell(rand))
  return (touch: Touch) => {
    const x = (touch.x - 33) / 33 // −1 to 1 in the box of the glyph
    const y = (touch.y - 50) / 50
    touch.x += xx * x * x + xy * x * y + yy * y * y
    touch.y += XX * x * x + XY * x * y + YY * y * y
  }
}

/** Stretches, slants and turns. */
function lean(rand: Rand) {
  const width = 1.2 + 0.25 * bell(rand)
  const slant = 0.16 + 0.25 * bell(rand)
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

/** The Catmull-Rom curve through the touches, as a chain of short lines. */
function curve(touches: Touch[], stroke: Waypoint[], roundness: number): Touch[] {
  const tangents = touches.map((touch, i) => {
    const before = touches[i - 1] ?? touch
    const after = touches[i + 1] ?? touch
    const half = stroke[i].corner ? 0.5 * roundness : 0.5
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
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
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
  let [mass, across, down] = [0, 0, 0]
  box.forEach((inked, pixel) => {
    mass += inked
    across += inked * ((pixel % BOX) + 0.5)
    down += inked * (Math.floor(pixel / BOX) + 0.5)
  })
  const margin = (middle: number) => Math.max(0, Math.min(SIDE - BOX, Math.round(SIDE / 2 - middle)))
  const left = margin(across / mass)
  const top = margin(down / mass)
  const pixels = new Uint8Array(PIXELS)
  box.forEach((inked, pixel) => {
    pixels[(top + Math.floor(pixel / BOX)) * SIDE + left + (pixel % BOX)] = Math.round(255 * inked)
  })
  return pixels
}
