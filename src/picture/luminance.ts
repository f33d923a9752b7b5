/** Colour and transparency → one plane of luminance, or of the primary colour that shows the ink. */
import type { Picture, Plane } from '../picture.ts'

const LONGEST = 1000 // pixels of the longer side that the preparation works on: enough for a digit of 3 % of it
const LEAST = 0.06 // range of luminance below which nothing can be seen
const PLAIN = 0.3 // range of luminance from which on ink shows without its colour
const TELLING = 2 // times the range of luminance that a primary colour has to have instead; of noise, it has 1.5

type Weights = readonly [red: number, green: number, blue: number]

/** How bright colours look (ITU-R BT.601). */
const LUMINANCE: Weights = [0.299, 0.587, 0.114]
const PRIMARIES: Weights[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

/**
 * Composites transparency onto white, as pages and viewers do; if nothing can be seen then, onto black, as for a white
 * pen on a transparent drawing. Merely dropping the opacity would turn transparent paper, often 0 0 0 0, into ink.
 * @returns what the picture lies on, 0 (black) or 1 (white); 1 if it is opaque
 */
export function ground(picture: Picture): 0 | 1 {
  const { rgba } = picture
  let isOpaque = true
  for (let i = 3; i < rgba.length && isOpaque; i += 4) isOpaque = rgba[i] === 255
  if (isOpaque) return 1
  const range = (colour: 0 | 1) => rangeOf(luminance(picture, colour))
  const onWhite = range(1)
  return onWhite < LEAST && range(0) > onWhite ? 0 : 1
}

/**
 * As `luminance`, unless ink and paper are about equally bright: then how much red, green or blue each pixel has,
 * whichever varies most. A yellow highlighter on white paper is 0.1 darker than it, but has no blue.
 */
export function telling(picture: Picture, colour: 0 | 1): Plane {
  const plain = luminance(picture, colour)
  const range = rangeOf(plain)
  if (range >= PLAIN) return plain
  const others = PRIMARIES.map((weights) => luminance(picture, colour, weights))
  const best = others.reduce((best, other) => (rangeOf(other) > rangeOf(best) ? other : best))
  return rangeOf(best) > TELLING * range ? best : plain
}

function rangeOf({ values }: Plane): number {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return greatest - least
}

/**
 * How bright each pixel looks, 0 to 1. Large pictures are shrunk by a whole factor, each value the mean of a square of
 * pixels: that takes noise away, and time.
 * @param colour what shows through, 0 (black) or 1 (white)
 */
export function luminance({ width, height, rgba }: Picture, colour: 0 | 1, weights = LUMINANCE): Plane {
  const [red, green, blue] = weights
  const factor = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST))
  const [w, h] = [Math.ceil(width / factor), Math.ceil(height / factor)]
  const values = new Float32Array(w * h)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * w
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x)
      const bright = (red * rgba[i] + green * rgba[i + 1] + blue * rgba[i + 2]) / 255
      const opacity = rgba[i + 3] / 255
      values[row + Math.floor(x / factor)] += opacity * bright + (1 - opacity) * colour
    }
  }
  for (let y = 0; y < h; y++) {
    const rows = Math.min(factor, height - y * factor)
    for (let x = 0; x < w; x++) values[y * w + x] /= rows * Math.min(factor, width - x * factor)
  }
  return { width: w, height: h, values }
}
