/** Real digits from MNIST_DIR and NumPy's numbers from GOLDEN_DIR. Tests that need them are skipped if these are not set. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { digitsFrom, type Digits } from '../../src/digits.ts'
import { matrix, type Matrix } from '../../src/matrix.ts'
import type { Params } from '../../src/network.ts'

export const { MNIST_DIR, GOLDEN_DIR } = process.env

/** The first digits of the real training set. */
export function realDigits(count: number): Digits {
  // Only the beginning of the gzipped file is needed, where an image takes 165 bytes on average.
  const idx = (file: string, from: number, length: number) => {
    const gzipped = readFileSync(join(MNIST_DIR!, file)).subarray(0, 2 ** 16 + 300 * count)
    const bytes = gunzipSync(gzipped, { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 2 ** 20 })
    if (bytes.length < from + length) throw new Error(`${file} has no ${count} digits`)
    return new Uint8Array(bytes.subarray(from, from + length))
  }
  return digitsFrom(idx('train-images-idx3-ubyte.gz', 16, count * 784), idx('train-labels-idx1-ubyte.gz', 8, count))
}

type Nested = number[][] | number[] // a column is a plain list

/** NumPy's run of the network on the first 1000 digits of the training set. */
export interface Golden {
  examples: number
  iterations: number
  alpha: number
  initial: Record<keyof Params, Nested>
  firstGradients: { dW1Sum: number; dW1AbsSum: number; db1: Nested; dW2: Nested; db2: Nested }
  loss: number[]
  accuracy: number[]
  final: Record<keyof Params, Nested>
}

export function golden(): Golden {
  return JSON.parse(readFileSync(join(GOLDEN_DIR!, 'numpy-1000x50.json'), 'utf8')) as Golden
}

/** A matrix from nested arrays, or from a plain one as a column. */
export function fromNested(rows: Nested): Matrix {
  const nested = rows.map((row) => (Array.isArray(row) ? row : [row]))
  return matrix(nested.length, nested[0].length, Float64Array.from(nested.flat()))
}

export function goldenParams({ W1, b1, W2, b2 }: Golden['initial']): Params {
  return { W1: fromNested(W1), b1: fromNested(b1), W2: fromNested(W2), b2: fromNested(b2) }
}
