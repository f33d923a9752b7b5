/** Digits as plain bytes, and without their labels. */
import { digitsFrom, PIXELS, type Digits } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'

/** The m × 784 bytes in one array, which is the digits' own if it can be. */
export function bytesOf({ chunks }: Digits): Uint8Array {
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}

/** The same digits, unlabelled. */
export function unlabelled({ chunks }: Digits): Digits {
  return { chunks, labels: new Uint8Array(0) }
}

/** More than the reader's window of 1 MiB holds as CSV: 400 digits on grey paper, with a white border as in MNIST. */
export function longDigits(seed: number): Digits {
  const digits = generate(400, seed)
  const isInside = (p: number) => p >= 28 && p < 756 && p % 28 > 0 && p % 28 < 27
  const pixels = bytesOf(digits).map((value, i) => (isInside(i % PIXELS) ? Math.max(value, 100) : value))
  return digitsFrom(pixels, digits.labels)
}
