/** Connected shapes of ink: which belong to a digit, and which are specks, frames and edges. */
import type { Plane } from '../picture.ts'
import type { Box } from './mnist-rule.ts'

/** Pixels of ink that touch each other, also at corners. */
export interface Shape {
  /** Indices of its pixels. */
  pixels: number[]
  box: Box
  /** How many of its pixels lie on the picture's border. */
  contact: number
  /** The mean darkness of its pixels. */
  tone: number
}

/**
 * The shapes of all pixels of at least `level`, if they have one of `peak`.
 * @param darkness of each pixel
 */
export function shapesOf({ width, height, values }: Plane, darkness: Plane, level: number, peak: number): Shape[] {
  const isSeen = new Uint8Array(values.length)
  const shapes: Shape[] = []
  for (let start = 0; start < values.length; start++) {
    if (isSeen[start] || !(values[start] >= level)) continue
    const pixels = [start]
    const box = { left: width, top: height, right: 0, bottom: 0 }
    isSeen[start] = 1
    let [darkest, contact, tones] = [0, 0, 0]
    for (let next = 0; next < pixels.length; next++) {
      const i = pixels[next]
      const [x, y] = [i % width, Math.floor(i / width)]
      darkest = Math.max(darkest, values[i])
      tones += darkness.values[i]
      box.left = Math.min(box.left, x)
      box.right = Math.max(box.right, x + 1)
      box.top = Math.min(box.top, y)
      box.bottom = Math.max(box.bottom, y + 1)
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) contact++
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const n = ny * width + nx
          if (isSeen[n] || !(values[n] >= level)) continue
          isSeen[n] = 1
          pixels.push(n)
        }
      }
    }
    if (darkest >= peak) shapes.push({ pixels, box, contact, tone: tones / pixels.length })
  }
  return shapes
}

/** The smallest rectangle around shapes. */
export function boxAround(shapes: Shape[]): Box {
  return {
    left: Math.min(...shapes.map(({ box }) => box.left)),
    top: Math.min(...shapes.map(({ box }) => box.top)),
    right: Math.max(...shapes.map(({ box }) => box.right)),
    bottom: Math.max(...shapes.map(({ box }) => box.bottom)),
  }
}

/** The longer side of a box, in pixels. */
export function extent({ left, top, right, bottom }: Box): number {
  return Math.max(right - left, bottom - top)
}

/** The pixels between two boxes, across or down, whichever are more; 0 if they overlap. */
export function gap(a: Box, b: Box): number {
  return Math.max(0, a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom)
}
