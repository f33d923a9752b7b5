import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { luminance } from '../../src/picture/luminance.ts'
import { like } from '../../src/picture/planes.ts'
import { darkOnLight } from '../../src/picture/polarity.ts'
import { hardPicture } from '../support/hard-pictures.ts'
import { MNIST_DIR } from '../support/numpy.ts'

test.skipIf(!MNIST_DIR)('a loop is not taken for paper because a part of its edge is soft (needs MNIST_DIR)', () => {
  const file = join(MNIST_DIR ?? '', 't10k-images-idx3-ubyte.gz')
  const pixels = gunzipSync(readFileSync(file)).subarray(16)
  for (const row of [5483, 5511, 5602, 5801, 5995]) {
    const plane = luminance(hardPicture('enlarged 10×', pixels.subarray(784 * row, 784 * (row + 1)), row), 1)
    expect(darkOnLight(plane), `row ${row}`).toBe(plane)
    const negative = like(plane, plane.values.map((value) => 1 - value)) // prettier-ignore
    expect(darkOnLight(negative), `row ${row}, bright on dark`).not.toBe(negative)
  }
})
