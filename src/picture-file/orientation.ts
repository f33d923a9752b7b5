/** How a camera was held. */
import type { Picture } from '../picture.ts'

const ORIENTATION = 0x0112 // the tag

/**
 * The orientation that EXIF data records, 1 to 8; 1, upright, if there is none.
 * @param exif TIFF's header and what follows
 */
export function orientationOf(exif: Buffer): number {
  const order = exif.toString('latin1', 0, 2)
  if (exif.length < 8 || (order !== 'II' && order !== 'MM')) return 1
  const short = (at: number) => (order === 'II' ? exif.readUInt16LE(at) : exif.readUInt16BE(at))
  const directory = order === 'II' ? exif.readUInt32LE(4) : exif.readUInt32BE(4)
  if (directory + 2 > exif.length) return 1
  for (let i = 0; i < short(directory); i++) {
    const entry = directory + 2 + 12 * i
    if (entry + 12 > exif.length) return 1
    if (short(entry) !== ORIENTATION) continue
    const value = short(entry + 8)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

/** The picture turned and mirrored upright. */
export function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture
  const { width: w, height: h } = picture
  const isTurned = orientation >= 5
  const [width, height] = isTurned ? [h, w] : [w, h]
  /** Where the pixel at x, y comes from. */
  const source = (x: number, y: number) => {
    const [u, v] = isTurned ? [y, x] : [x, y]
    const fromRight = [2, 3, 7, 8].includes(orientation)
    const fromBottom = [3, 4, 6, 7].includes(orientation)
    return (fromBottom ? h - 1 - v : v) * w + (fromRight ? w - 1 - u : u)
  }
  const from = new DataView(picture.rgba.buffer, picture.rgba.byteOffset)
  const rgba = new Uint8Array(4 * width * height)
  const to = new DataView(rgba.buffer)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) to.setUint32(4 * (y * width + x), from.getUint32(4 * source(x, y)))
  }
  return { width, height, rgba }
}
