import { expect, test } from 'vitest'
import { storedPng } from '../../src/page/stored-png.ts'
import { pictureOf } from '../../src/page/strokes.ts'
import { decodePicture } from '../../src/picture-file.ts'

test.each([140, 300])('a PNG of %d pixels a side is read as it was written', async (side) => {
  const picture =
    side === 140
      ? pictureOf([{ points: [{ x: 0.2, y: 0.3 }, { x: 0.7, y: 0.9 }], width: 0.08 }])
      : { width: side, height: side, rgba: Uint8Array.from({ length: 4 * side * side }, (_, i) => (i % 4 === 3 ? 255 : (i >> 2) % 251)) } // several blocks
  const read = await decodePicture(Buffer.from(storedPng(picture)), 'digit.png')
  expect(read).toEqual({ ...picture, rgba: expect.anything() })
  expect(Buffer.compare(read.rgba, picture.rgba)).toBe(0)
}) // prettier-ignore
