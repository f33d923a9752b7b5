import type { Plane } from '../picture.ts'
import { steepness } from './planes.ts'

/**
 * The darkness halfway between paper and ink: the mean at the edges, weighted by their steepness. Unlike Otsu's, it
 * does not depend on how much of the picture is ink, nor on soft shadows, whose edges are flat.
 */
export function threshold(plane: Plane): number {
  const { width, height, values } = plane
  let [sum, weights] = [0, 0]
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x
      const weight = steepness(plane, i) ** 2
      sum += weight * values[i]
      weights += weight
    }
  }
  return weights === 0 ? 1 : sum / weights
}

/**
 * Ink by darkness, 0 to 1, rising from half the threshold to one and a half times it: grey remains where an edge covers
 * a part of a pixel, as in MNIST, and a pencil's ink becomes as black as a marker's.
 */
export function inked(value: number, level: number): number {
  return Math.min(1, Math.max(0, value / level - 0.5))
}
