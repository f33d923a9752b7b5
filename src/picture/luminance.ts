/** Colour and transparency → one plane of luminance. */
import type { Picture, Plane } from '../picture.ts'

const LONGEST = 1000 // pixels of the longer side that the preparation works on: enough for a digit of 3 % of it
const LEAST = 0.06 // range of luminance below which nothing can be seen

/**
 * Composites transparency onto white, as pages and viewers do; if nothing can be seen then, onto black, as for a white
 * pen on a transparent drawing. Merely dropping the opacity would turn transparent paper, often 0 0 0 0, into ink.
 * @returns whether it is opaque anyway, and the colour that the picture lies on, 0 (black) or 1 (white)
 */
export function ground(picture: Picture): { isOpaque: boolean; colour: 0 | 1 } {
  const { rgba } = picture
  let isOpaque = true
  for (let i = 3; i < rgba.length && isOpaque; i += 4) isOpaque = rgba[i] === 255
  if (isOpaque) return { isOpaque, colour: 1 }
  const range = (colour: 0 | 1) => {
    let [least, greatest] = [Infinity, -Infinity]
    for (let i = 0; i < rgba.length; i += 4) {
      const value = luminanceAt(rgba, i, colour)
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
    }
    return greatest - least
  }
  const onWhite = range(1)
  return { isOpaque, colour: onWhite < LEAST && range(0) > onWhite ? 0 : 1 }
}

/**
 * How bright each pixel looks (ITU-R BT.601), 0 to 1. Large pictures are shrunk by a whole factor, each value the mean
 * of a square of pixels: that takes noise away, and time.
 * @param colour what shows through, 0 (black) or 1 (white)
 */
export function luminance({ width, height, rgba }: Picture, colour: 0 | 1): Plane {
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST))
  const [w, h] = [Math.ceil(width / factor), Math.ceil(height / factor)]
  const values = new Float32Array(w * h)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * w
    for (let x = 0; x < width; x++) {
      values[row + Math.floor(x / factor)] += luminanceAt(rgba, 4 * (y * width + x), colour)
    }
  }
  for (let y = 0; y < h; y++) {
    const rows = Math.min(factor, height - y * factor)
    for (let x = 0; x < w; x++) values[y * w + x] /= rows * Math.min(factor, width - x * factor)
  }
  return { width: w, height: h, values }
}

function luminanceAt(rgba: Uint8Array, i: number, colour: 0 | 1): number {
  const luma = (0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2]) / 255
  const opacity = rgba[i + 3] / 255
  return opacity * luma + (1 - opacity) * colour
}
