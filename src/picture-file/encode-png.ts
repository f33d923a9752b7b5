import { PNG } from 'pngjs'

/**
 * A digit as a grey PNG of 8 bits: 0 is black, 255 is white.
 * @param pixels n × n bytes, row by row
 * @param scale pixels across that each becomes
 */
export function encodePng(pixels: Uint8Array, scale: number): Buffer {
  const from = Math.sqrt(pixels.length)
  const side = from * scale
  const data = Buffer.alloc(side * side)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) data[y * side + x] = pixels[Math.floor(y / scale) * from + Math.floor(x / scale)]
  }
  const picture = new PNG({ width: side, height: side })
  picture.data = data
  return PNG.sync.write(picture, { colorType: 0, inputColorType: 0, inputHasAlpha: false, bitDepth: 8 })
}
