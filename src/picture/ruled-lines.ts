/** The lines of ruled and squared paper, and of frames. */
import type { Plane } from '../picture.ts'
import type { Box } from './mnist-rule.ts'
import { cropped, like } from './planes.ts'

const DETAIL = 300 // pixels of the longer side in which lines are looked for
const THICKEST = 0.016 // line, of the longer side
const FRAMED = 0.03 // the same of a frame's lines, of its shorter side
const SLOPES = { steepest: 0.12, steps: 36 } // tangents to either side
const WHOLE = 0.9 // of the width, for a line that is alone
const PART = 0.6 // for one of at least three parallel lines
const SIDE = 0.05 // of a frame's height: its upper and lower side lie no farther inside
const TIGHT = 0.85 // of the height: what is as high fills its picture, and its longest strokes are no ruled lines

/** A line across the picture: y = `at` + `slope`·x, in pixels. */
interface Line {
  at: number
  slope: number
  coverage: number
}

/**
 * Removes thin straight lines that cross the picture, and keeps strokes where they cross them: a column loses what it
 * has of the line unless more ink hangs on it.
 * @param level from which on a value is ink
 */
export function withoutRuledLines(plane: Plane, level: number): Plane {
  return withoutLines(plane, level, false)
}

/**
 * Removes the sides of a frame, and the walls between its cells, as `withoutRuledLines` does the lines of paper.
 * @param box what holds the frame
 * @param level from which on a value is ink
 */
export function withoutFrame(plane: Plane, box: Box, level: number): Plane {
  const inside = withoutLines(cropped(plane, box, 1), level, true)
  const values = plane.values.slice()
  const [left, top] = [Math.max(0, box.left - 1), Math.max(0, box.top - 1)]
  for (let y = 0; y < inside.height; y++) {
    values.set(inside.values.subarray(y * inside.width, (y + 1) * inside.width), (top + y) * plane.width + left)
  }
  return like(plane, values)
}

/** @param isFrame whether the plane is what a frame's box holds */
function withoutLines(plane: Plane, level: number, isFrame: boolean): Plane {
  const once = withoutLevelLines(plane, level, isFrame)
  return transposed(withoutLevelLines(transposed(once), level, isFrame))
}

function transposed({ width, height, values }: Plane): Plane {
  const turned = new Float32Array(values.length)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) turned[x * height + y] = values[y * width + x]
  return { width: height, height: width, values: turned }
}

function withoutLevelLines(plane: Plane, level: number, isFrame: boolean): Plane {
  const { width, height } = plane
  const longer = Math.max(width, height)
  if (Math.min(width, height) < 60) return plane // too coarse to tell lines from strokes
  const thickest = Math.max(2, Math.round(isFrame ? FRAMED * Math.min(width, height) : THICKEST * longer))
  const lines = levelLines(plane, level, thickest, isFrame)
  if (lines.length === 0) return plane
  const values = plane.values.slice()
  const reach = Math.ceil((1.5 * longer) / DETAIL) + 1
  for (const { at, slope } of lines) {
    for (let x = 0; x < width; x++) {
      const y = Math.round(at + slope * x)
      const isInk = (y: number) => y >= 0 && y < height && values[y * width + x] >= level
      for (let near = Math.max(0, y - reach); near <= Math.min(height - 1, y + reach); near++) {
        if (!isInk(near)) continue
        let [top, bottom] = [near, near + 1]
        while (bottom - top <= thickest && isInk(top - 1)) top--
        while (bottom - top <= thickest && isInk(bottom)) bottom++
        if (bottom - top > thickest) continue
        for (let gone = Math.max(0, top - 1); gone <= Math.min(height - 1, bottom); gone++) values[gone * width + x] = 0
      }
    }
  }
  const cleaned = like(plane, values)
  if (lines.length >= 3 || isFrame) return cleaned
  const rows = inkRows(cleaned, level)
  return rows === 0 || rows >= TIGHT * height ? plane : cleaned
}

/** Rows from the first to the last with ink. */
function inkRows({ width, values }: Plane, level: number): number {
  const isInk = (value: number) => value >= level
  const first = values.findIndex(isInk)
  return first < 0 ? 0 : Math.floor(values.findLastIndex(isInk) / width) - Math.floor(first / width) + 1
}

/** Ruled lines that are nearly level; or the upper and lower side of a frame, which a digit may hide in part, and walls. */
function levelLines(plane: Plane, level: number, thickest: number, isFrame: boolean): Line[] {
  const { width, height } = plane
  const scale = Math.max(1, Math.max(width, height) / DETAIL)
  const [w, h] = [Math.floor(width / scale), Math.floor(height / scale)]
  const longest = Math.max(3, Math.round(thickest / scale) + 1)
  const thin = thinMarks(plane, level, longest, scale, w, h)
  const found: Line[] = []
  for (let step = -SLOPES.steps; step <= SLOPES.steps; step++) {
    const slope = (step / SLOPES.steps) * SLOPES.steepest
    const margin = Math.ceil(Math.abs(slope) * w)
    const columns = new Float32Array(h + 2 * margin + 2)
    const lastAt = new Int32Array(columns.length).fill(-1)
    for (const i of thin) {
      const [x, y] = [Math.floor(i / h), i % h] // column by column
      const at = Math.round(y - slope * x) + margin
      for (let near = at; near <= at + 1; near++) {
        if (lastAt[near] === x) continue
        lastAt[near] = x
        columns[near]++
      }
    }
    columns.forEach((count, at) => {
      if (count >= PART * w) found.push({ at: at - margin - 0.5, slope, coverage: count / w })
    })
  }
  const lines: Line[] = []
  const middle = ({ at, slope }: Line) => at + (slope * w) / 2
  for (const line of found.toSorted((a, b) => b.coverage - a.coverage)) {
    if (lines.every((other) => Math.abs(middle(other) - middle(line)) > 4)) lines.push(line)
  }
  const isSide = (line: Line) => Math.abs(middle(line) / h - 0.5) > 0.5 - SIDE
  const kept = lines.filter((line) => line.coverage >= WHOLE || (isFrame ? isSide(line) : lines.length >= 3))
  return kept.map(({ at, slope, coverage }) => ({ at: (at + 0.5) * scale, slope, coverage }))
}

/** Where a picture shrunk to w × h has ink in runs that are short from top to bottom; indices x·h + y, in order. */
function thinMarks(
  { width, height, values }: Plane,
  level: number,
  longest: number,
  scale: number,
  w: number,
  h: number,
): number[] {
  const isInk = new Uint8Array(w * h)
  for (let y = 0; y < height; y++) {
    const row = Math.min(h - 1, Math.floor(y / scale))
    for (let x = 0; x < width; x++) {
      if (values[y * width + x] >= level) isInk[Math.min(w - 1, Math.floor(x / scale)) * h + row] = 1
    }
  }
  const thin: number[] = []
  for (let x = 0; x < w; x++) {
    for (let y = 0; y < h; y++) {
      let end = y
      while (end < h && isInk[x * h + end]) end++
      if (end > y && end - y <= longest) for (let i = y; i < end; i++) thin.push(x * h + i)
      y = Math.max(y, end)
    }
  }
  return thin
}
