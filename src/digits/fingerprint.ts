import { createHash } from 'node:crypto'
import type { Digits } from '../digits.ts'

/** SHA-256, in hex, of the m × 784 pixels followed by the labels, if any. It does not depend on the file format. */
export function fingerprint({ chunks, labels }: Digits): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.update(labels).digest('hex')
}
