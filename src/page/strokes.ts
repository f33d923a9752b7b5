/** Strokes of a pen → a picture. The page never reads a canvas back: private browsers falsify what they return. */
import type { Picture } from '../picture.ts'

/** A point of the pad, from 0 to 1 from left to right and from top to bottom. */
export interface Point {
  x: number
  y: number
}

export interface Stroke {
  points: Point[]
  /** Of the pen, as a share of the pad's side. */
  width: number
}

/** Pixels of the picture's side: five for each pixel of a digit that fills most of it, and few enough to prepare in one frame. */
export const SHEET = 140

/** The strokes in black on white paper, SHEET × SHEET, with smooth edges. */
export function pictureOf(strokes: Stroke[]): Picture {
  const ink = new Float64Array(SHEET * SHEET)
  for (const { points, width } of strokes) {
    points.forEach((point, i) => addSegment(ink, points[Math.max(i - 1, 0)], point, (width * SHEET) / 2))
  }
  const rgba = new Uint8Array(4 * ink.length)
  ink.forEach((coverage, i) => {
    const paper = Math.round(255 * (1 - coverage))
    rgba.set([paper, paper, paper, 255], 4 * i)
  })
  return { width: SHEET, height: SHEET, rgba }
}

/** Inks what lies within a radius of a segment; a pixel at the edge by how far its centre is inside. */
function addSegment(ink: Float64Array, from: Point, to: Point, radius: number): void {
  const [x0, y0] = [from.x * SHEET, from.y * SHEET]
  const [dx, dy] = [to.x * SHEET - x0, to.y * SHEET - y0]
  const length2 = dx * dx + dy * dy
  const reach = radius + 1
  const span = (a: number, b: number) => ({
    begin: Math.max(0, Math.floor(Math.min(a, b) - reach)),
    end: Math.min(SHEET, Math.ceil(Math.max(a, b) + reach)),
  })
  const [columns, rows] = [span(x0, x0 + dx), span(y0, y0 + dy)]
  for (let row = rows.begin; row < rows.end; row++) {
    for (let column = columns.begin; column < columns.end; column++) {
      const [x, y] = [column + 0.5 - x0, row + 0.5 - y0]
      const along = length2 > 0 ? Math.min(1, Math.max(0, (x * dx + y * dy) / length2)) : 0
      const distance = Math.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2)
      const coverage = Math.min(1, radius + 0.5 - distance)
      const at = row * SHEET + column
      if (coverage > ink[at]) ink[at] = coverage
    }
  }
}
