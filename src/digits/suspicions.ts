/** What looks wrong with digits as a whole, and what corrects it. It looks at up to 1000 of them, evenly spread. */
import { digitCount, hasLabels, PIXELS, pixelsOf, type Digits } from '../digits.ts'
import { grouped } from '../wording.ts'
import { borderInk } from './border.ts'
import { uprightness } from './class-means.ts'

const LOOKED_AT = 1000 // digits
const SIDE = 28
const FEWEST_FOR_MEANS = 50 // class means of fewer are too rough
const FEWEST_FOR_LABELS = 10 // fewer may all be of one class by chance
const BRIGHT = 3 / 4 // of a border is ink; of noise, half is
const FAINT = 15 // greatest pixel of digits of 4 bits

const MARGIN = 0.3 // by which one correlation must exceed the other, for certainty
const FIT = 0.3 // and which it must exceed itself

/** Pixel p of a digit whose rows and columns are exchanged. */
const TRANSPOSED = Array.from({ length: PIXELS }, (_, p) => (p % SIDE) * SIDE + Math.floor(p / SIDE))

/**
 * What looks wrong, one sentence each: digits that are transposed, inverted, all of one class, or nearly blank.
 * @returns no sentences if nothing does
 */
export function suspicions(digits: Digits): string[] {
  const m = digitCount(digits)
  if (m === 0) return []
  const rows = sample(m)
  const found: string[] = []

  const inverted = invertedDigits(digits)
  if (inverted) {
    const share = `${grouped(inverted.count)} of ${grouped(inverted.of)} have a bright border`
    found.push(`the digits look inverted, dark on bright (${share}); --invert corrects them`)
  }
  const fit = areLabelled(digits) ? uprightness(digits, rows) : undefined
  if (fit && isClearly(fit.transposed, fit.upright)) {
    const means = `their means correlate ${fit.transposed.toFixed(2)} with upright digits if transposed, ${fit.upright.toFixed(2)} as they are`
    found.push(
      `the digits look transposed, rows and columns exchanged, as EMNIST's are (${means}); --transpose corrects them`,
    )
  }
  const { labels } = digits
  if (m >= FEWEST_FOR_LABELS && hasLabels(digits) && labels.every((label) => label === labels[0])) {
    found.push(`all ${grouped(m)} labels are ${labels[0]}; check that the file holds the right labels`)
  }
  const greatest = faintestInk(digits)
  if (greatest === undefined) return found
  if (greatest === 0) found.push('the digits are blank: every pixel is 0; check that the file holds the right pixels')
  else {
    const factor =
      greatest === 1 || greatest === FAINT ? `multiply pixels by ${255 / greatest}` : 'write the original pixels'
    found.push(`the digits are nearly blank: the greatest pixel is ${greatest}, expected 255; ${factor}`)
  }
  return found
}

/** How many digits have a bright border, of those looked at, if most do: they are dark on bright. */
export function invertedDigits(digits: Digits): { count: number; of: number } | undefined {
  const rows = sample(digitCount(digits))
  const count = brightBorders(digits, rows)
  return 2 * count > rows.length ? { count, of: rows.length } : undefined
}

/** The greatest pixel of digits that are nearly blank, from 0 to 15; undefined if they are not. */
export function faintestInk(digits: Digits): number | undefined {
  const greatest = greatestPixel(digits, sample(digitCount(digits)))
  return greatest <= FAINT ? greatest : undefined
}

/** Exchanges rows and columns, in place, unless the digits are clearly upright already. */
export function makeUpright(digits: Digits): void {
  const fit = areLabelled(digits) ? uprightness(digits, sample(digitCount(digits))) : undefined
  if (!fit || !isClearly(fit.upright, fit.transposed)) transpose(digits)
}

/** Exchanges ink and paper, in place, if most digits have a bright border. */
export function makeBright(digits: Digits): void {
  if (invertedDigits(digits)) invert(digits)
}

/** Whether one correlation is large, and much larger than the other. */
function isClearly(one: number, other: number): boolean {
  return one > FIT && one > other + MARGIN
}

/** How many of the rows have a bright border. */
function brightBorders(digits: Digits, rows: number[]): number {
  return rows.filter((row) => borderInk(pixelsOf(digits, row)) > BRIGHT).length
}

/** Exchanges rows and columns, in place. */
export function transpose(digits: Digits): void {
  for (let row = 0; row < digitCount(digits); row++) {
    const pixels = pixelsOf(digits, row)
    const before = pixels.slice()
    for (let p = 0; p < PIXELS; p++) pixels[p] = before[TRANSPOSED[p]]
  }
}

/** Exchanges ink and paper, in place: 255 − pixel. */
export function invert({ chunks }: Digits): void {
  for (const chunk of chunks) for (let p = 0; p < chunk.length; p++) chunk[p] = 255 - chunk[p]
}

/** At most 1000 of m rows, evenly spread, in order. */
function sample(m: number): number[] {
  const count = Math.min(m, LOOKED_AT)
  return Array.from({ length: count }, (_, i) => Math.floor((i * m) / count))
}

function areLabelled(digits: Digits): boolean {
  return hasLabels(digits) && digitCount(digits) >= FEWEST_FOR_MEANS
}

function greatestPixel(digits: Digits, rows: number[]): number {
  let greatest = 0
  for (const row of rows) {
    for (const pixel of pixelsOf(digits, row)) if (pixel > greatest) greatest = pixel
    if (greatest > FAINT) break
  }
  return greatest
}
