/**
 * The fast path for CSVs: rows of only digits, commas and newlines, read byte by byte. It reports no errors: it stops
 * before the first row that is not plain or not valid, and csv.ts, which reads any CSV, takes over and reports them.
 * The 110 MB of the training set take a twentieth of csv-parse's time (whole process, measured).
 */
import type { Layout } from './dialect.ts'
import type { FileRows } from './file-rows.ts'
import type { Window } from './input.ts'
import { chunkOf, offsetIn } from './row-buffer.ts'

const NEWLINE = 0x0a
const RETURN = 0x0d
const COMMA = 0x2c
const ZERO = 0x30 // XOR maps the bytes of digits to 0–9 and all others to more
const TWO_BLANK_PIXELS = 0x2c302c30 // "0,0,", most of a file, as a little-endian word

const LONGEST_ROW = 2 ** 16 // bytes; plain rows have under 4,000

/** Adjacent columns of the same kind. */
interface ColumnSpan {
  kind: 'index' | 'label' | 'pixels' | 'empty'
  count: number
}

/** The fields of a row other than pixels. One object serves all rows. */
interface OtherFields {
  label: number
  index: number
}

/**
 * Reads plain rows from the window's start on, as far as it holds complete lines, up to the file's limit.
 * @param window moved past the rows that were read
 * @returns false if csv.ts has to continue: the next row is not plain, not valid, or too long
 */
export function scan(window: Window, file: FileRows): boolean {
  const { bytes } = window
  const { layout, pixels, labels } = file
  const spans = spansOf(layout)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = bytes.subarray(0, window.end).lastIndexOf(NEWLINE) + 1 // of the last complete line
  const others: OtherFields = { label: 0, index: 0 }
  while (window.start < end && file.rowsRead < file.limit) {
    const lineEnd = skipEmptyLine(bytes, window.start)
    if (lineEnd > window.start) {
      window.start = lineEnd
      file.line++
      continue
    }
    const row = file.base + file.rowsRead
    const chunk = layout.hasPixels ? chunkOf(pixels, row) : NO_PIXELS
    const next = scanRow(bytes, view, window.start, spans, chunk, offsetIn(pixels, row), others)
    if (next === -1 || file.objection(row, others.label, others.index)) return false
    if (layout.label !== undefined) chunkOf(labels, row)[offsetIn(labels, row)] = others.label
    file.accept(others.label, others.index)
    file.line++
    window.start = next
  }
  return window.end - window.start < LONGEST_ROW || file.rowsRead === file.limit
}

const NO_PIXELS = new Uint8Array(0)

/** Where the next line begins if the one at `at` is empty; otherwise `at`. */
function skipEmptyLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] === NEWLINE) return at + 1
  return bytes[at] === RETURN && bytes[at + 1] === NEWLINE ? at + 2 : at
}

/**
 * Reads the row that begins at `at`.
 * @param pixels written from `p` on, where all bytes are 0
 * @returns where the next row begins; -1 if this one is not plain or not valid
 */
function scanRow(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  spans: ColumnSpan[],
  pixels: Uint8Array,
  p: number,
  others: OtherFields,
): number {
  let i = at
  for (let r = 0; r < spans.length; r++) {
    const { kind, count } = spans[r]
    const isLast = r === spans.length - 1
    if (kind === 'pixels') {
      const stop = p + count
      while (p < stop) {
        let word = view.getUint32(i, true)
        while (word === TWO_BLANK_PIXELS && p + 2 <= stop) {
          p += 2 // already 0
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
    } else if (kind === 'empty') {
      for (let column = 1; column < count; column++) if (bytes[i++] !== COMMA) return -1
      i++
    } else {
      let value = 0
      const start = i
      for (let digit = bytes[i] ^ ZERO; digit <= 9; digit = bytes[++i] ^ ZERO) value = 10 * value + digit
      if (i === start || i - start > 15) return -1
      if (kind === 'label') {
        if (value > 9) return -1
        others.label = value
      } else others.index = value
      if (bytes[i] !== COMMA && !isLast) return -1
      i++
    }
  }
  if (bytes[i - 1] === NEWLINE) return i
  return bytes[i - 1] === RETURN && bytes[i] === NEWLINE ? i + 1 : -1
}

/** The columns of a layout, from left to right; each index is a span of its own. */
function spansOf({ columns, index = -1, label, emptyFrom = columns }: Layout): ColumnSpan[] {
  const spans: ColumnSpan[] = []
  for (let column = 0; column < columns; column++) {
    const kind = column >= emptyFrom ? 'empty' : column <= index ? 'index' : column === label ? 'label' : 'pixels'
    const before = spans[spans.length - 1]
    if (before?.kind === kind && kind !== 'index') before.count++
    else spans.push({ kind, count: 1 })
  }
  return spans
}
