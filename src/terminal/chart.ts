/** Curves in the terminal, drawn as vertical bars. */

const EIGHTHS = ' ▁▂▃▄▅▆▇█'
const WIDTH = 60 // characters, if there is room
const LEAST_WIDTH = 8
const HEIGHT = 8

/** A curve: its points from left to right, with x and y from 0 to 1. */
export type Curve = { x: number; y: number }[]

/**
 * A curve on one line.
 * @param width characters from x = 0 to x = 1; the line ends where the curve does
 */
export function sparkline(curve: Curve, width: number): string {
  return bars(heights(curve, width), 1)[0]
}

/**
 * A curve on 8 lines of 60 characters, with axes.
 * @param y labels for y = 0 and y = 1
 * @param x labels for x = 0 and x = 1
 * @param columns characters of a line, labels included; if there are few, the curve is narrower
 */
export function chart(curve: Curve, y: [string, string], x: [string, string], columns = Infinity): string {
  const margin = Math.max(...y.map((label) => label.length))
  const width = Math.max(LEAST_WIDTH, Math.min(WIDTH, columns - margin - 2))
  const lines = bars(heights(curve, width), HEIGHT).map((line, i) => {
    const label = i === 0 ? y[1] : i === HEIGHT - 1 ? y[0] : ''
    return `${label.padStart(margin)} ${label ? '┤' : '│'}${line}`.trimEnd()
  })
  const axis = `${' '.repeat(margin)} └${'─'.repeat(width)}`
  const labels = ' '.repeat(margin + 2) + x[0] + x[1].padStart(width - x[0].length)
  return [...lines, axis, labels].join('\n')
}

/** The heights of a curve at `width` places from x = 0 to x = 1, up to its last point; interpolated linearly. */
function heights(curve: Curve, width: number): number[] {
  const places = Array.from({ length: width }, (_, i) => i / Math.max(width - 1, 1))
  return places.flatMap((x) => {
    const right = curve.findIndex((point) => point.x >= x)
    if (right === -1) return []
    const [from, to] = [curve[Math.max(right - 1, 0)], curve[right]]
    const fraction = to.x > from.x ? (x - from.x) / (to.x - from.x) : 1
    return [from.y + fraction * (to.y - from.y)]
  })
}

/** One bar per character, as lines from top to bottom; a bar is at least an eighth of a line high. */
function bars(heights: number[], lines: number): string[] {
  return Array.from({ length: lines }, (_, i) => {
    const below = 8 * (lines - 1 - i)
    const eighths = heights.map((height) => 1 + Math.round(height * (8 * lines - 1)) - below)
    return eighths.map((height) => EIGHTHS[Math.min(Math.max(height, 0), 8)]).join('')
  })
}
