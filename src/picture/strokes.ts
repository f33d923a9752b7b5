/** How wide strokes are. */
import type { Plane } from '../picture.ts'
import type { Box } from './mnist-rule.ts'
import { areaResampled } from './mnist-rule.ts'
import { distances } from './planes.ts'
import { strokeWidth } from './paper.ts'
import { extent } from './shapes.ts'

const BOX = 20 // pixels that a digit's longer side becomes
const DETAIL = 160 // pixels of the longer side in which strokes are widened
const THIN = 1.7 // pixels of 20; narrower strokes are widened
const USUAL = 2.2 // to this; half of MNIST's are between 2.1 and 2.8

/**
 * Strokes much thinner than MNIST's, widened to the width of MNIST's thin ones. A fine pen on a large sheet leaves
 * strokes that fade to grey in 20×20 pixels, which costs 5 to 10 points; widened, they keep their shape.
 * @param ink 0 (paper) to 1
 * @param box what holds the ink
 */
export function thickened(ink: Plane, box: Box): Plane {
  const side = extent(box)
  const width = (strokeWidth(ink, 0.5) * BOX) / side
  if (width >= THIN) return ink
  const reach = ((USUAL - width) / 2 / BOX) * DETAIL // in pixels of the plane below
  const margin = Math.ceil(reach) + 2
  const scale = side / DETAIL
  const [left, top] = [(box.left + box.right - side) / 2 - margin * scale, (box.top + box.bottom - side) / 2 - margin * scale] // prettier-ignore
  const n = DETAIL + 2 * margin
  const fine = { width: n, height: n, values: areaResampled(ink, { left, top, right: left + n * scale, bottom: top + n * scale }, n) } // prettier-ignore
  const far = distances(fine, (i) => fine.values[i] >= 0.4)
  return { ...fine, values: far.map((distance, i) => Math.max(fine.values[i], Math.min(1, Math.max(0, reach + 0.5 - distance)))) } // prettier-ignore
}
