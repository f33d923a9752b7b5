/** Whether a picture is dark on light or light on dark. */
import type { Plane } from '../picture.ts'
import { blurred, closed, like, negated, quantile, shrunk, steepness } from './planes.ts'

const DETAIL = 240 // pixels of the longer side in which it is judged
const COARSE = 120 // pixels of the longer side in which marks are taken away
const WIDTHS = [0.03, 0.06, 0.12, 0.24, 0.48] // of marks, as shares of the height: several digits stand side by side
const TELLING = 3.2 // times as much as the paper's edges: they are those of a desk if a sheet lies on one
const STEEP = 0.06 // of the greatest squared slope: what is steeper is an edge of ink, not of a shadow
const REACH = 3 // pixels from the middle of an edge to its sides
const DRIFT = 0.01 // by which the paper's luminance may change from a pixel to the next
const NEAR = 0.12 // luminance within which a pixel is like the paper beside it

/**
 * The picture with dark ink on light paper. Ink's marks are narrower than paper; but in a thick digit, so are the loops.
 * Therefore the border counts, too: paper is what is connected with most of it without an edge between them, however the
 * light changes on it, and the other side of an edge of the paper is ink. A network sees nothing in an inverted digit
 * (8 % right).
 */
export function darkOnLight(plane: Plane): Plane {
  const small = shrunk(plane, DETAIL)
  const smooth = blurred(small, Math.round(Math.max(small.width, small.height) / 150))
  const isLight = edges(smooth) + TELLING * narrowMarks(plane) < 0
  return isLight ? like(plane, plane.values.map((value) => 1 - value)) : plane // prettier-ignore
}

/**
 * 1 if all narrow marks are dark, −1 if all are light. The narrowest are taken away first: then a sheet on a desk has no
 * digit left, and is too wide to be a mark; a thick digit has no loops left, and is a mark larger than they were. A
 * narrow mark counts more than a wide one of the same area, or the corners that a turned sheet loses would outweigh a thin
 * digit; but no more than this, or the loops of a thick digit would outweigh its strokes.
 */
function narrowMarks(plane: Plane): number {
  const small = shrunk(plane, COARSE)
  let rest = small
  let [dark, light] = [0, 0]
  for (const width of WIDTHS) {
    const side = Math.max(3, width * small.height)
    const [above, below] = [closed(rest, side).values, closed(negated(rest), side).values]
    const weight = side ** -1.5
    const values = rest.values.map((value, i) => {
      dark += weight * (above[i] - value) ** 2
      light += weight * (value + below[i]) ** 2
      return above[i] - below[i] - value
    })
    rest = like(rest, values)
  }
  return dark + light === 0 ? 0 : (dark - light) / (dark + light)
}

/** 1 if all edges of the paper are darker than it, −1 if all are lighter. */
function edges(plane: Plane): number {
  const { width, height, values } = plane
  if (width < 3 || height < 3) return 0
  const slopes = new Float32Array(values.length)
  const inner = (at: number, length: number) => Math.min(length - 2, Math.max(1, at)) // the border's slope is that beside it
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) slopes[y * width + x] = steepness(plane, inner(y, height) * width + inner(x, width))
  }
  const steep = STEEP * slopes.reduce((most, slope) => Math.max(most, slope), 0)
  const isPaper = paperFrom(plane, (i) => slopes[i] > steep)
  let [sum, most] = [0, 0]
  slopes.forEach((slope, i) => {
    if (slope <= steep || isPaper[i]) return
    const [x, y] = [i % width, Math.floor(i / width)]
    let [paper, count] = [0, 0]
    for (let ny = Math.max(0, y - REACH); ny <= Math.min(height - 1, y + REACH); ny++) {
      for (let nx = Math.max(0, x - REACH); nx <= Math.min(width - 1, x + REACH); nx++) {
        if (!isPaper[ny * width + nx]) continue
        paper += values[ny * width + nx]
        count++
      }
    }
    if (count === 0) return
    const off = slope * (paper / count - values[i])
    sum += off
    most += Math.abs(off)
  })
  return most === 0 ? 0 : sum / most
}

/** What is connected with the border without an edge between; strokes that leave the picture are no border. */
function paperFrom({ width, height, values }: Plane, isEdge: (i: number) => boolean): Uint8Array {
  const isPaper = new Uint8Array(values.length)
  const levels = new Float32Array(values.length) // of the paper, which follow its light but not the steps of an edge
  const next: number[] = []
  const visit = (i: number, level = values[i]) => {
    const off = values[i] - level
    if (isPaper[i] || isEdge(i) || Math.abs(off) > NEAR) return
    isPaper[i] = 1
    levels[i] = level + Math.min(DRIFT, Math.max(-DRIFT, off))
    next.push(i)
  }
  const sides = [
    Array.from({ length: width }, (_, x) => x),
    Array.from({ length: width }, (_, x) => (height - 1) * width + x),
    Array.from({ length: height }, (_, y) => y * width),
    Array.from({ length: height }, (_, y) => y * width + width - 1),
  ]
  const border = Float32Array.from(sides.flat(), (i) => values[i])
  const [low, middle, high] = [0.02, 0.5, 0.98].map((fraction) => quantile(border, fraction))
  for (const side of sides) {
    const own = Float32Array.from(side, (i) => values[i])
    const typical = quantile(own, 0.5)
    const isTypical = Math.abs(typical - middle) <= 0.6 * Math.max(high - middle, middle - low)
    const reach = 0.35 * (high - low) + 0.02
    for (const i of side) if (Math.abs(values[i] - (isTypical ? typical : middle)) <= reach) visit(i)
  }
  for (let i = next.pop(); i !== undefined; i = next.pop()) {
    const x = i % width
    if (x > 0) visit(i - 1, levels[i])
    if (x < width - 1) visit(i + 1, levels[i])
    if (i >= width) visit(i - width, levels[i])
    if (i < values.length - width) visit(i + width, levels[i])
  }
  return isPaper
}
