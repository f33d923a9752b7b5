/** Digits as bytes, and as a matrix for mathematics. */
import { matrix, type Matrix } from './matrix.ts'

/** Pixels of one digit: 28 rows of 28. */
export const PIXELS = 28 * 28

/** Digits per chunk, 51 MB. One array cannot hold all: Node 20 allows 4 GiB, which 5.5 million digits fill. */
export const CHUNK = 2 ** 16

/** m handwritten digits as bytes. */
export interface Digits {
  /**
   * m × 784 bytes: digit after digit, each row by row; 0 is paper, 255 is ink. Every array holds `CHUNK` digits, the last
   * what is left.
   */
  chunks: Uint8Array[]
  /** m labels, 0 to 9; empty if the digits are unlabelled. */
  labels: Uint8Array
}

/** What a weights file records of the digits it was trained on. */
export interface DigitsRecord {
  /** The files' names without folders. */
  names: string[]
  /** How many digits. */
  rows: number
  /** Their `fingerprint`. */
  sha256: string
}

/**
 * Digits over bytes, which are not copied.
 * @param pixels m × 784 bytes
 */
export function digitsFrom(pixels: Uint8Array, labels: Uint8Array): Digits {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < pixels.length; at += CHUNK * PIXELS) chunks.push(pixels.subarray(at, at + CHUNK * PIXELS))
  return { chunks, labels }
}

/** m blank digits, all labelled 0. */
export function emptyDigits(m: number): Digits {
  return { chunks: emptyChunks(m), labels: new Uint8Array(m) }
}

/** The number of digits, m. */
export function digitCount({ chunks }: Digits): number {
  const last = chunks.at(-1)
  return last ? (chunks.length - 1) * CHUNK + last.length / PIXELS : 0
}

/** Whether the digits have labels. */
export function hasLabels({ labels }: Digits): boolean {
  return labels.length > 0
}

/**
 * The 784 bytes of one digit, or those of several: a view, not a copy.
 * @param row from 0 to m − 1
 * @param count of digits, all in one chunk
 */
export function pixelsOf({ chunks }: Digits, row: number, count = 1): Uint8Array {
  const at = (row % CHUNK) * PIXELS
  return chunks[Math.floor(row / CHUNK)].subarray(at, at + count * PIXELS)
}

/** X, 784 × m: one digit per column, pixels divided by 255, from 0 (paper) to 1 (ink). */
export function toMatrix(digits: Digits): Matrix {
  const X = matrix(digitCount(digits), PIXELS)
  let i = 0
  for (const chunk of digits.chunks) for (let p = 0; p < chunk.length; p++) X.data[i++] = chunk[p] / 255
  return X.transpose(1, 0)
}

/**
 * A copy of some of the digits.
 * @param rows from 0 to m − 1, in any order, repeated or not
 */
export function select(digits: Digits, rows: Uint32Array): Digits {
  const selected = { chunks: emptyChunks(rows.length), labels: new Uint8Array(hasLabels(digits) ? rows.length : 0) }
  rows.forEach((row, i) => pixelsOf(selected, i).set(pixelsOf(digits, row)))
  selected.labels.forEach((_, i, labels) => (labels[i] = digits.labels[rows[i]]))
  return selected
}

/**
 * Joins digits, in order.
 * @param parts at least one; either all labelled or all unlabelled
 */
export function join(parts: Digits[]): Digits {
  if (parts.length === 1) return parts[0]
  const counts = parts.map(digitCount)
  const m = counts.reduce((sum, count) => sum + count, 0)
  const joined = { chunks: emptyChunks(m), labels: new Uint8Array(hasLabels(parts[0]) ? m : 0) }
  let first = 0
  parts.forEach((part, i) => {
    for (let row = 0; row < counts[i]; row++) pixelsOf(joined, first + row).set(pixelsOf(part, row))
    if (hasLabels(part)) joined.labels.set(part.labels, first)
    first += counts[i]
  })
  return joined
}

/** Room for m blank digits. */
function emptyChunks(m: number): Uint8Array[] {
  const counts = Array.from({ length: Math.ceil(m / CHUNK) }, (_, i) => Math.min(CHUNK, m - i * CHUNK))
  return counts.map((count) => new Uint8Array(count * PIXELS))
}
