/** Digits as plain bytes, and without their labels. */
import type { Digits } from '../../src/digits.ts'

/** The m × 784 bytes in one array, which is the digits' own if it can be. */
export function bytesOf({ chunks }: Digits): Uint8Array {
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}

/** The same digits, unlabelled. */
export function unlabelled({ chunks }: Digits): Digits {
  return { chunks, labels: new Uint8Array(0) }
}
