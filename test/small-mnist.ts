/** An MNIST of 100 and 20 digits of noise, which gzip does not make smaller. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { fingerprint, PIXELS, type Digits } from '../src/digits.ts'
import type { DigitSet, IdxFile } from '../src/digits/mnist.ts'
import { randomStream } from '../src/random.ts'

function noise(m: number, seed: number): Digits {
  const { rand } = randomStream(seed)
  const below = (n: number) => () => Math.floor(n * rand())
  return {
    pixels: Uint8Array.from({ length: m * PIXELS }, below(256)),
    labels: Uint8Array.from({ length: m }, below(10)),
  }
}

/** The bytes of the IDX files of images and labels. */
export function idxOf({ pixels, labels }: Digits): [images: Buffer, labels: Buffer] {
  const words = (...values: number[]) => {
    const header = Buffer.alloc(4 * values.length)
    values.forEach((value, i) => header.writeUInt32BE(value, 4 * i))
    return header
  }
  const m = labels.length
  return [Buffer.concat([words(0x0803, m, 28, 28), pixels]), Buffer.concat([words(0x0801, m), labels])]
}

/** What mirrors hold: each file's name, with .gz, and its bytes. */
export const SMALL_FILES = new Map<string, Buffer>()

function setOf(csv: string, prefix: string, digits: Digits): DigitSet {
  const [images, labels] = idxOf(digits)
  const file = (name: string, content: Buffer): IdxFile => {
    SMALL_FILES.set(`${name}.gz`, gzipSync(content))
    return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  }
  return {
    csv,
    images: file(`${prefix}-images-idx3-ubyte`, images),
    labels: file(`${prefix}-labels-idx1-ubyte`, labels),
    sha256: fingerprint(digits),
  }
}

export const SMALL_DIGITS = [noise(100, 1), noise(20, 2)]
export const SMALL_SETS = [
  setOf('mnist_train.csv', 'train', SMALL_DIGITS[0]),
  setOf('mnist_test.csv', 't10k', SMALL_DIGITS[1]),
]
