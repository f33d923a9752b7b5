import { createHash } from 'node:crypto'
import { matrix, type Matrix } from './matrix.ts'

/** Pixels of one digit: 28 rows of 28. */
export const PIXELS = 28 * 28

/** Handwritten digits as they are kept, in bytes; mathematics is done on `toMatrix` of them. */
export interface Digits {
  /** m × 784: one digit after the other, each row by row; 0 is paper, 255 is ink. */
  pixels: Uint8Array
  /** m labels, 0 to 9; none at all where the digits are without labels. */
  labels: Uint8Array
}

/** How many digits there are, m. */
export function count({ pixels }: Digits): number {
  return pixels.length / PIXELS
}

/** Whether the digits have labels. */
export function hasLabels({ labels }: Digits): boolean {
  return labels.length > 0
}

/** The pixels as mathematics wants them: X, 784 × m, a column is a digit, from 0 (paper) to 1 (ink). */
export function toMatrix(digits: Digits): Matrix {
  const { pixels } = digits
  const X = matrix(count(digits), PIXELS)
  for (let i = 0; i < pixels.length; i++) X.data[i] = pixels[i] / 255
  return X.transpose(1, 0)
}

/** The digits of the given rows, in the given order. */
export function select({ pixels, labels }: Digits, rows: Uint32Array): Digits {
  const selected = new Uint8Array(rows.length * PIXELS)
  rows.forEach((row, i) => selected.set(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS))
  return { pixels: selected, labels: labels.length > 0 ? Uint8Array.from(rows, (row) => labels[row]) : labels }
}

/** All digits of all parts, in the order given; all parts have labels or none. */
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

/** Room for m digits, all paper, all labelled 0. */
export function emptyDigits(m: number): Digits {
  return { pixels: new Uint8Array(m * PIXELS), labels: new Uint8Array(m) }
}

/** SHA-256, in hex, of the m × 784 pixels followed by the labels, where there are any: the same digits, whatever file they came in. */
export function fingerprint({ pixels, labels }: Digits): string {
  return createHash('sha256').update(pixels).update(labels).digest('hex')
}
