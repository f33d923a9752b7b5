/** Whether a picture is dark on light or light on dark. */
import type { Plane } from '../picture.ts'
import { blurred, closed, like, negated, quantile, shrunk } from './planes.ts'

const NARROW = 0.12 // of the longer side: most pens draw narrower marks
const DETAIL = 320 // pixels of the longer side in which it is judged

/**
 * The picture with dark ink on light paper. The border is paper, or most of it: what differs from it more strongly, and
 * narrow marks even more so, is the ink. A network sees nothing in an inverted digit (8 % right).
 */
export function darkOnLight(plane: Plane): Plane {
  const { dark, light } = evidence(shrunk(plane, DETAIL))
  return light > dark ? like(plane, plane.values.map((value) => 1 - value)) : plane // prettier-ignore
}

function evidence(plane: Plane): { dark: number; light: number } {
  const { width, height } = plane
  const longer = Math.max(width, height)
  const smooth = blurred(plane, Math.round(longer / 300))
  const side = Math.max(3, Math.round(NARROW * longer))
  const marks = (of: Plane) => closed(of, side).values
  const [above, below] = [marks(smooth), marks(negated(smooth))]
  const paper = borderPaper(smooth)
  let [dark, light] = [0, 0]
  smooth.values.forEach((value, i) => {
    const off = value - paper(i)
    if (off < 0) dark += off ** 4
    else light += off ** 4
    dark += (above[i] - value) ** 4
    light += (value + below[i]) ** 4
  })
  return { dark, light }
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
