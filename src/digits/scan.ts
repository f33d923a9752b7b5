/**
 * The fast way through a CSV: rows of digits, commas and newlines alone, read byte by byte. Knows no errors: it stops
 * before the first row that is not plain or not right, and csv.ts, which reads everything, says what there is to say.
 * With it the 110 MB of the training set take a twentieth of the time that csv-parse takes (whole process, measured).
 */
import type { Layout } from './dialect.ts'
import type { FileRows } from './file-rows.ts'
import type { Window } from './input.ts'
import { makeRoom } from './rows.ts'

const NEWLINE = 0x0a
const RETURN = 0x0d
const COMMA = 0x2c
const ZERO = 0x30 // xor with it makes 0 to 9 of a digit's byte, and more of every other
const TWO_PIXELS = 0x2c302c30 // "0,0,", which is what most of a file is, in a little-endian word

const LONGEST_ROW = 2 ** 16 // bytes; plain rows have under 4,000

/** Columns beside each other that hold the same. */
interface Run {
  kind: 'index' | 'label' | 'pixels'
  count: number
}

/** What a row holds beside its pixels; made once, written for every row. */
interface Aside {
  label: number
  index: number
}

/** Takes plain rows from the window's start on, as far as it holds whole lines, and returns whether all were plain. */
export function scan(window: Window, file: FileRows): boolean {
  const { bytes } = window
  const { layout, pixels, labels } = file
  const runs = runsOf(layout)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = bytes.subarray(0, window.end).lastIndexOf(NEWLINE) + 1 // no row is looked at that may go on behind it
  const aside: Aside = { label: 0, index: 0 }
  while (window.start < end && file.taken < file.limit) {
    const lineEnd = skipEmptyLine(bytes, window.start)
    if (lineEnd > window.start) {
      window.start = lineEnd
      file.line++
      continue
    }
    const row = file.base + file.taken
    if (layout.hasPixels) makeRoom(pixels, row)
    const next = scanRow(bytes, view, window.start, runs, pixels.bytes, row * pixels.width, aside)
    if (next === -1 || file.objection(row, aside.label, aside.index)) return false
    if (layout.label !== undefined) {
      makeRoom(labels, row)
      labels.bytes[row] = aside.label
    }
    file.take(aside.label, aside.index)
    file.line++
    window.start = next
  }
  return window.end - window.start < LONGEST_ROW || file.taken === file.limit
}

/** Where the line ends that begins here, if it is empty; otherwise here. */
function skipEmptyLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] === NEWLINE) return at + 1
  return bytes[at] === RETURN && bytes[at + 1] === NEWLINE ? at + 2 : at
}

/** Reads the row that begins at `at`, its pixels to `p` on, where all is 0, and returns where the next begins, or -1. */
function scanRow(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  runs: Run[],
  pixels: Uint8Array,
  p: number,
  aside: Aside,
): number {
  let i = at
  for (let r = 0; r < runs.length; r++) {
    const { kind, count } = runs[r]
    const isLast = r === runs.length - 1
    if (kind === 'pixels') {
      const stop = p + count
      while (p < stop) {
        let word = view.getUint32(i, true)
        while (word === TWO_PIXELS && p + 2 <= stop) {
          p += 2 // they are 0 as it is
          i += 4
          word = view.getUint32(i, true)
        }
        if (p === stop) break
        let value = (word & 0xff) ^ ZERO
        if (value > 9) return -1
        i++
        let digit = ((word >> 8) & 0xff) ^ ZERO
        if (digit <= 9) {
          value = 10 * value + digit
          i++
          digit = ((word >> 16) & 0xff) ^ ZERO
          if (digit <= 9) {
            value = 10 * value + digit
            i++
            if (value > 255) return -1
          }
        }
        pixels[p++] = value
        if (bytes[i] !== COMMA && !(isLast && p === stop)) return -1
        i++
      }
    } else {
      let value = 0
      const start = i
      for (let digit = bytes[i] ^ ZERO; digit <= 9; digit = bytes[++i] ^ ZERO) value = 10 * value + digit
      if (i === start || i - start > 15) return -1
      if (kind === 'label') {
        if (value > 9) return -1
        aside.label = value
      } else aside.index = value
      if (bytes[i] !== COMMA && !isLast) return -1
      i++
    }
  }
  if (bytes[i - 1] === NEWLINE) return i
  return bytes[i - 1] === RETURN && bytes[i] === NEWLINE ? i + 1 : -1
}

function runsOf(layout: Layout): Run[] {
  const runs: Run[] = []
  for (let column = 0; column < layout.columns; column++) {
    const kind = column === layout.index ? 'index' : column === layout.label ? 'label' : 'pixels'
    const before = runs[runs.length - 1]
    if (before?.kind === kind) before.count++
    else runs.push({ kind, count: 1 })
  }
  return runs
}
