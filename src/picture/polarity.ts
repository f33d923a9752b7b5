/** Whether a picture is dark on light or light on dark. */
import type { Plane } from '../picture.ts'
import { blurred, closed, like, negated, quantile, shrunk, steepness } from './planes.ts'

const NARROW = 0.12 // of the longer side: most pens draw narrower marks
const DETAIL = 240 // pixels of the longer side in which it is judged
const EDGES = 1.5 // weight of edges: in a thick digit, the only narrow marks are its loops

/**
 * The picture with dark ink on light paper. Ink differs from the border, most of which is paper, and its marks are
 * narrow. A network sees nothing in an inverted digit (8 % right).
 */
export function darkOnLight(plane: Plane): Plane {
  const small = shrunk(plane, DETAIL)
  const smooth = blurred(small, Math.round(Math.max(small.width, small.height) / 150))
  const { balance, height } = narrowMarks(smooth)
  const isLight = balance + EDGES * edges(smooth, height) < 0
  return isLight ? like(plane, plane.values.map((value) => 1 - value)) : plane // prettier-ignore
}

/** Narrow marks: 1 if all are dark, −1 if all are light; and how much the strongest differ from what is around them. */
function narrowMarks(plane: Plane): { balance: number; height: number } {
  const side = Math.max(3, Math.round(NARROW * Math.max(plane.width, plane.height)))
  const [above, below] = [closed(plane, side).values, closed(negated(plane), side).values]
  let [dark, light] = [0, 0]
  const heights = plane.values.map((value, i) => {
    dark += (above[i] - value) ** 4
    light += (value + below[i]) ** 4
    return Math.max(above[i] - value, value + below[i])
  })
  return { balance: dark + light === 0 ? 0 : (dark - light) / (dark + light), height: quantile(heights, 0.998) }
}

/**
 * Edges: 1 if they are darker than the paper by half of what ink differs from it, −1 if lighter; steep ones count, those
 * of shadows do not.
 */
function edges(plane: Plane, ink: number): number {
  const { width, height, values } = plane
  const paper = borderPaper(plane)
  let [sum, weights] = [0, 0]
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const weight = steepness(plane, i) ** 2
      const off = (paper(i) - values[i]) / Math.max(0.01, ink / 2)
      sum += weight * off
      weights += weight
    }
  }
  return weights === 0 ? 0 : Math.min(1, Math.max(-1, sum / weights))
}

/** The paper at each pixel, as seen from the border: medians of its pieces, blended across the picture. */
function borderPaper({ width, height, values }: Plane): (i: number) => number {
  const PIECES = 4
  const depth = Math.max(1, Math.round(0.02 * Math.min(width, height)))
  const medians = (length: number, at: (along: number, into: number) => number) =>
    Array.from({ length: PIECES }, (_, piece) => {
      const found: number[] = []
      const [begin, end] = [Math.floor((piece * length) / PIECES), Math.floor(((piece + 1) * length) / PIECES)]
      for (let i = begin; i < Math.max(end, begin + 1); i++)
        for (let j = 0; j < depth; j++) found.push(values[at(i, j)])
      return quantile(Float32Array.from(found), 0.5)
    })
  const top = medians(width, (x, y) => y * width + x)
  const bottom = medians(width, (x, y) => (height - 1 - y) * width + x)
  const left = medians(height, (y, x) => y * width + x)
  const right = medians(height, (y, x) => y * width + (width - 1 - x))
  const along = (pieces: number[], fraction: number) => {
    const at = Math.min(PIECES - 1, Math.max(0, fraction * PIECES - 0.5))
    const before = Math.floor(at)
    return pieces[before] + (at - before) * (pieces[Math.min(PIECES - 1, before + 1)] - pieces[before])
  }
  return (i) => {
    const [x, y] = [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height]
    const across = (1 - x) * along(left, y) + x * along(right, y)
    const down = (1 - y) * along(top, x) + y * along(bottom, x)
    const [near, far] = [Math.min(x, 1 - x), Math.min(y, 1 - y)] // the nearer pair of sides counts for more
    const weight = (far + 0.01) / (near + far + 0.02)
    return weight * across + (1 - weight) * down
  }
}
