/** Which shapes are digits. */
import type { Plane } from '../picture.ts'
import type { Box } from './mnist-rule.ts'
import { boxAround, extent, gap, type Shape } from './shapes.ts'

const SPECK = 0.02 // of the largest shape's pixels; one speck left in a corner costs 9 to 22 points
const NEAR = 0.3 // of the digit's longer side: what is farther away is another shape
const PALE = 0.55 // of the digit's darkness: what is lighter is no ink of its pen
const BAND = 0.15 // of a box's sides: the ink of a frame's sides lies in it

/**
 * Drops frames drawn around the rest, what hugs the picture's border, as the edge of a table does, and what is much
 * paler than the digit, as the edge of a shadow is. The largest shape that remains is the digit's.
 */
export function withoutFrames(shapes: Shape[], plane: Plane): Shape[] {
  const inside = shapes.filter((shape) => !isFrame(shape, shapes, plane))
  const longer = Math.max(plane.width, plane.height)
  const free = inside.filter(({ contact, pixels, box }) => contact ** 2 < 0.2 * pixels.length && extent(box) > 0.06 * longer) // prettier-ignore
  if (free.length === 0) return inside
  const main = largest(free)
  const isForeign = ({ contact, pixels, box, tone }: Shape) => {
    if (tone < PALE * main.tone) return true
    if (contact === 0) return false
    if (gap(box, main.box) > NEAR * extent(main.box)) return true
    const isBand = contact >= 0.6 * Math.min(plane.width, plane.height)
    return isBand || (contact ** 2 > 0.5 * pixels.length && contact > 0.3 * extent(main.box))
  }
  return inside.filter((shape) => shape === main || !isForeign(shape))
}

/** Whether a shape has two straight sides or three bowed ones around what is inside its box, and that is more than specks. */
function isFrame(shape: Shape, shapes: Shape[], plane: Plane): boolean {
  const { box } = shape
  const within = shapes.filter((other) => other.box.left > box.left && other.box.right < box.right && other.box.top > box.top && other.box.bottom < box.bottom) // prettier-ignore
  if (within.length === 0 || extent(boxAround(within)) < 0.25 * extent(box)) return false
  const sides = sidesCovered(shape, plane).toSorted((a, b) => b - a)
  return sides[1] >= 0.9 || sides[2] >= 0.7
}

/**
 * Whether a shape lies on the paper and has ink along all four sides of its box, as a frame and cells have, also with a
 * digit that touches them; none of MNIST's test digits has.
 */
export function isBoxed(shape: Shape, plane: Plane): boolean {
  return shape.contact === 0 && sidesCovered(shape, plane).every((share) => share >= 0.9)
}

/** How much of the left, right, upper and lower side of its box a shape covers, 0 to 1. */
function sidesCovered({ pixels, box }: Shape, { width }: Plane): number[] {
  const [w, h] = [box.right - box.left, box.bottom - box.top]
  const sides = [h, h, w, w].map((length) => new Uint8Array(length))
  for (const i of pixels) {
    const [x, y] = [(i % width) - box.left, Math.floor(i / width) - box.top]
    if (x < BAND * w) sides[0][y] = 1
    if (x >= (1 - BAND) * w) sides[1][y] = 1
    if (y < BAND * h) sides[2][x] = 1
    if (y >= (1 - BAND) * h) sides[3][x] = 1
  }
  return sides.map((side) => side.reduce((sum, covered) => sum + covered, 0) / side.length)
}

/**
 * The shapes of one digit: the largest, and what lies near it and is no speck, such as the bar of a 5 or the parts of a
 * dashed 3.
 */
export function digitAmong(shapes: Shape[]): Shape[] {
  if (shapes.length === 0) return []
  return cluster(largest(shapes), shapes)
}

function cluster(seed: Shape, shapes: Shape[]): Shape[] {
  const kept = [seed]
  let left = shapes.filter((shape) => shape !== seed && shape.pixels.length >= SPECK * seed.pixels.length)
  for (;;) {
    const box = boxAround(kept)
    const near = left.filter((shape) => gap(shape.box, box) <= NEAR * extent(box))
    if (near.length === 0) return kept
    kept.push(...near)
    left = left.filter((shape) => !near.includes(shape))
  }
}

/**
 * The shapes of several digits written apart, row by row and from left to right. In a row, shapes belong together where
 * one lies above the other.
 */
export function digitsAmong(shapes: Shape[]): Shape[][] {
  if (shapes.length === 0) return []
  const rows = rowsOf(shapes)
  const heights = rows.map(boxAround).map(({ top, bottom }) => bottom - top)
  const digits = rows.map(digitsInRow)
  const areRows = digits.every((row, i) => row.length >= 2 && heights[i] >= 0.5 * Math.max(...heights))
  return areRows ? digits.flat() : digitsInRow(shapes)
}

/** Shapes parted where a level line fits between them, from top to bottom. */
function rowsOf(shapes: Shape[]): Shape[][] {
  const rows: Shape[][] = []
  let bottom = 0
  for (const shape of shapes.toSorted((a, b) => a.box.top - b.box.top)) {
    const last = rows.at(-1)
    if (last && shape.box.top < bottom) last.push(shape)
    else rows.push([shape])
    bottom = Math.max(bottom, shape.box.bottom)
  }
  return rows
}

function digitsInRow(shapes: Shape[]): Shape[][] {
  const tallest = Math.max(...shapes.map(({ box }) => extent(box)))
  const most = largest(shapes).pixels.length
  const groups: Shape[][] = []
  for (const shape of shapes.filter(({ pixels }) => pixels.length >= SPECK * most).toSorted(byLeft)) {
    const own = groups.find((group) => belongs(shape.box, boxAround(group)))
    if (own) own.push(shape)
    else groups.push([shape])
  }
  return groups.filter((group) => extent(boxAround(group)) >= 0.35 * tallest)
}

function byLeft(a: Shape, b: Shape): number {
  return a.box.left - b.box.left
}

/** Whether boxes overlap across by more than half of the narrower one. */
function belongs(a: Box, b: Box): boolean {
  const overlap = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  return overlap > 0.5 * Math.min(a.right - a.left, b.right - b.left)
}

function largest(shapes: Shape[]): Shape {
  return shapes.reduce((most, shape) => (shape.pixels.length > most.pixels.length ? shape : most))
}
