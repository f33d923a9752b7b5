import { createHash } from 'node:crypto'
import { matrix, type Matrix } from './matrix.ts'

/** Pixels of one digit: 28 rows of 28. */
export const PIXELS = 28 * 28

/** Handwritten digits as they are kept, in bytes; mathematics is done on `toMatrix` of them. */
export interface Digits {
  /** m × 784: one digit after the other, each row by row; 0 is paper, 255 is ink. */
  pixels: Uint8Array
  /** m labels, 0 to 9. */
  labels: Uint8Array
}

/** The pixels as mathematics wants them: X, 784 × m, a column is a digit, from 0 (paper) to 1 (ink). */
export function toMatrix({ pixels, labels }: Digits): Matrix {
  const X = matrix(labels.length, PIXELS)
  for (let i = 0; i < pixels.length; i++) X.data[i] = pixels[i] / 255
  return X.transpose(1, 0)
}

/** The digits of the given rows, in the given order. */
export function select({ pixels, labels }: Digits, rows: Uint32Array): Digits {
  const selected = emptyDigits(rows.length)
  rows.forEach((row, i) => {
    selected.pixels.set(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS)
    selected.labels[i] = labels[row]
  })
  return selected
}

/** All digits of all parts, in the order given. */
export function join(parts: Digits[]): Digits {
  if (parts.length === 1) return parts[0]
  const joined = emptyDigits(parts.reduce((m, { labels }) => m + labels.length, 0))
  let row = 0
  for (const { pixels, labels } of parts) {
    joined.pixels.set(pixels, row * PIXELS)
    joined.labels.set(labels, row)
    row += labels.length
  }
  return joined
}

/** Room for m digits, all paper, all labelled 0. */
export function emptyDigits(m: number): Digits {
  return { pixels: new Uint8Array(m * PIXELS), labels: new Uint8Array(m) }
}

/** SHA-256, in hex, of the m × 784 pixels followed by the m labels: the same digits, whatever file they came in. */
export function fingerprint({ pixels, labels }: Digits): string {
  return createHash('sha256').update(pixels).update(labels).digest('hex')
}
