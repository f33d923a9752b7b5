/** Pixels that are not 0 to 255: how they were scaled, and how to undo it. */
import { isIntegerUpTo } from './field.ts'

const SHARE = 4 // one pixel in four has to be wrong before all are called scaled

/** The mean and standard deviation of MNIST's pixels from 0 to 1, with which PyTorch's examples standardise them. */
const MNIST_MEAN = 0.1307
const MNIST_DEVIATION = 0.3081

/**
 * How pixels are scaled and what to do: "pixels are scaled to 0–1, expected …; multiply them by 255 and round".
 * Undefined if they are not, or only a few of them are not whole numbers from 0 to 255.
 * @param pixels of the first rows
 */
export function scaleOf(pixels: number[]): string | undefined {
  let min = Infinity
  let max = -Infinity
  let inked = 0
  let wrong = 0
  for (const pixel of pixels) {
    if (!Number.isFinite(pixel)) return undefined
    if (pixel < min) min = pixel
    if (pixel > max) max = pixel
    if (pixel !== 0) inked++
    if (!isIntegerUpTo(pixel, 255)) wrong++
  }
  const isWithin1 = min >= 0 && max <= 1
  if (inked === 0 || (!isWithin1 && SHARE * wrong <= inked)) return undefined
  const is = (value: number, expected: number, margin = 0.001) => Math.abs(value - expected) < margin
  const scaled = (from: number | string, to: number | string, remedy: string) =>
    `pixels are scaled to ${from}–${to}, ${EXPECTED_SCALE}; ${remedy}`

  if (isWithin1) {
    if (min === 0 && max === 1) return scaled(0, 1, 'multiply them by 255 and round')
    if (min === 0 && max === 255 / 256) return scaled(0, '255/256', 'multiply them by 256')
    if (min === 0 && Math.abs(max - 255 / 256) < 2e-6) return scaled(0, '255/256', 'multiply them by 256 and round')
    if (is(min, 0.01) && is(max, 1, 0.1)) {
      return scaled(0.01, 1, 'subtract 0.01, divide by 0.99, multiply by 255 and round')
    }
    return scaled(short(min), short(max), ORIGINAL)
  }
  if (is(min, -1) && is(max, 1, 0.1)) return scaled('−1', 1, 'add 1, multiply by 127.5 and round')
  if (is(min, -0.5) && is(max, 0.5, 0.05)) return scaled('−0.5', 0.5, 'add 0.5, multiply by 255 and round')
  if (min < 0) {
    const found = `pixels are standardised (${short(min)} to ${short(max)} here), ${EXPECTED_SCALE}`
    const isPyTorchs = is(min, -MNIST_MEAN / MNIST_DEVIATION) && is(max, (1 - MNIST_MEAN) / MNIST_DEVIATION)
    const undone = `multiply them by ${MNIST_DEVIATION}, add ${MNIST_MEAN}, multiply by 255 and round`
    return `${found}; ${isPyTorchs ? undone : ORIGINAL}`
  }
  if (max > 255.5) return `pixels go up to ${short(max)}, ${EXPECTED_SCALE}; ${ORIGINAL}`
  const isWhole = (factor: number) => pixels.every((pixel) => is(pixel * factor, Math.round(pixel * factor)))
  const remedy = !isWhole(1) && isWhole(256 / 255) ? 'multiply them by 256/255 and round' : 'round them'
  return `pixels are not whole numbers, ${EXPECTED_SCALE}; ${remedy}`
}

const EXPECTED_SCALE = 'expected 0 (paper) to 255 (ink)'
const ORIGINAL = 'write the original pixels'

/** A number with four significant digits. */
function short(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−')
}
