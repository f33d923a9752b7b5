import { createHash } from 'node:crypto'
import type { Digits } from '../digits.ts'

/** SHA-256, in hex, of the m × 784 pixels followed by the labels, if any. It does not depend on the file format. */
export function fingerprint({ pixels, labels }: Digits): string {
  return createHash('sha256').update(pixels).update(labels).digest('hex')
}
