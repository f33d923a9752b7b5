/** Uneven light and coloured paper. */
import type { Plane } from '../picture.ts'
import { inkBox } from './mnist-rule.ts'
import { blurred, closed, cropped, distances, enlarged, like, quantile, shrunk } from './planes.ts'
import { threshold } from './threshold.ts'

const WIDEST = 0.4 // of the longer side: no stroke is wider
const DETAIL = 240 // pixels of the longer side in which the paper is estimated
const LEAST = 0.03 // luminance of the darkest paper

/**
 * How much darker than the paper around it each pixel is: 0 is paper, 1 is black. The paper is what remains of the
 * picture when marks as narrow as strokes are closed, so that shadows, gradients and the colour of the paper stay in it.
 * Dividing by it makes ink in a shadow as dark as ink beside it. One threshold for the whole picture would take a shadow
 * for ink: paper at a quarter of the range alone costs 30 to 40 points.
 * @param plane luminance, dark ink on light paper
 */
export function darkness(plane: Plane): Plane {
  const small = shrunk(plane, DETAIL)
  const longer = Math.max(small.width, small.height)
  const widest = closed(small, WIDEST * longer)
  const first = relativeTo(small, widest)
  const side = Math.max(5, 0.06 * longer, 4 * strokeWidth(first, threshold(first)))
  const paper = side < WIDEST * longer ? closed(small, side) : widest
  const smooth = blurred(plane, Math.round(Math.max(plane.width, plane.height) / 400))
  return relativeTo(smooth, enlarged(paper, plane))
}

function relativeTo(plane: Plane, paper: Plane): Plane {
  const dark = plane.values.map((value, i) => 1 - value / Math.max(LEAST, paper.values[i]))
  const level = quantile(dark, 0.5) // noise makes the closing brighter than the paper
  const offset = level < 0.15 ? level : 0 // else most of the picture is ink
  return like(plane, dark.map((value) => Math.max(0, (value - offset) / (1 - offset)))) // prettier-ignore
}

/** The usual width of the marks darker than a level, in pixels: four times the mean distance to their edge. */
export function strokeWidth(plane: Plane, level: number): number {
  const box = inkBox(plane, level)
  if (!box) return 0
  const marks = cropped(plane, box, 1) // with their edge
  const depth = distances(marks, (i) => !(marks.values[i] > level))
  let [sum, count] = [0, 0]
  for (const distance of depth) {
    if (distance === 0 || distance === Infinity) continue
    sum += distance - 0.5
    count++
  }
  return count === 0 ? 0 : (4 * sum) / count
}
