import { PIXELS } from '../digits.ts'

const SIDE = 28

/** The pixels at the edge of a digit. */
const BORDER = Array.from({ length: PIXELS }, (_, p) => p).filter((p) => {
  const [y, x] = [Math.floor(p / SIDE), p % SIDE]
  return y === 0 || y === SIDE - 1 || x === 0 || x === SIDE - 1
})

/** The fraction of a digit's border that is ink, pixels of 128 or more. */
export function borderInk(pixels: Uint8Array): number {
  let ink = 0
  for (const p of BORDER) ink += pixels[p] >> 7
  return ink / BORDER.length
}
