/** Digits as the CSV that Kaggle has of them. */
import type { Digits } from '../src/digits.ts'

export const HEADER = ['label', ...Array.from({ length: 784 }, (_, p) => `pixel${p}`)].join(',')

/** The digits' lines, label first, without the header. */
export function csvOf({ pixels, labels }: Digits): string {
  return Array.from(labels, (label, i) => `${label},${pixels.subarray(i * 784, (i + 1) * 784).join(',')}\n`).join('')
}
