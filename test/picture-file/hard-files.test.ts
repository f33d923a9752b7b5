import { expect, test } from 'vitest'
import { pixelsOf } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { decodePicture } from '../../src/picture-file.ts'
import { prepare } from '../../src/picture/prepare.ts'
import { FILES, hardFile, hardPicture } from '../support/hard-pictures.ts'

const digits = generate(3, 5)

test.each(Object.keys(FILES))('%s is prepared as the picture that it holds', async (kind) => {
  for (const i of [0, 1, 2]) {
    const { pixels } = prepare(await decodePicture(hardFile(kind, pixelsOf(digits, i), i), kind))
    const expected = prepare(hardPicture('turned', pixelsOf(digits, i), i)).pixels
    const worst = Math.max(...pixels.map((value, p) => Math.abs(value - expected[p])))
    expect(worst).toBeLessThanOrEqual(kind.startsWith('JPEG') ? 40 : 0) // JPEG blurs edges
  }
})
