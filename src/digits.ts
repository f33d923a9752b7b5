/** Digits as bytes, and as a matrix for mathematics. */
import { matrix, type Matrix } from './matrix.ts'

/** Pixels of one digit: 28 rows of 28. */
export const PIXELS = 28 * 28

/** m handwritten digits as bytes. */
export interface Digits {
  /** m × 784 bytes: digit after digit, each row by row; 0 is paper, 255 is ink. */
  pixels: Uint8Array
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

/** The number of digits, m. */
export function digitCount({ pixels }: Digits): number {
  return pixels.length / PIXELS
}

/** Whether the digits have labels. */
export function hasLabels({ labels }: Digits): boolean {
  return labels.length > 0
}

/** X, 784 × m: one digit per column, pixels divided by 255, from 0 (paper) to 1 (ink). */
export function toMatrix(digits: Digits): Matrix {
  const { pixels } = digits
  const X = matrix(digitCount(digits), PIXELS)
  for (let i = 0; i < pixels.length; i++) X.data[i] = pixels[i] / 255
  return X.transpose(1, 0)
}

/**
 * A copy of some of the digits.
 * @param rows from 0 to m − 1, in any order, repeated or not
 */
export function select({ pixels, labels }: Digits, rows: Uint32Array): Digits {
  const selected = new Uint8Array(rows.length * PIXELS)
  rows.forEach((row, i) => selected.set(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS))
  return { pixels: selected, labels: labels.length > 0 ? Uint8Array.from(rows, (row) => labels[row]) : labels }
}

/**
 * Joins digits, in order.
 * @param parts at least one; either all labelled or all unlabelled
 */
export function join(parts: Digits[]): Digits {
  if (parts.length === 1) return parts[0]
  const bytes = (arrays: Uint8Array[]) => {
    const joined = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0))
    let at = 0
    for (const array of arrays) {
      joined.set(array, at)
      at += array.length
    }
    return joined
  }
  return { pixels: bytes(parts.map(({ pixels }) => pixels)), labels: bytes(parts.map(({ labels }) => labels)) }
}

/** m blank digits, all labelled 0. */
export function emptyDigits(m: number): Digits {
  return { pixels: new Uint8Array(m * PIXELS), labels: new Uint8Array(m) }
}
