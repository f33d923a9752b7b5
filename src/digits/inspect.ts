/** What there is to know of digits at a look: how many of each class, what never changes, what looks wrong. */
import { count, hasLabels, PIXELS, type Digits } from '../digits.ts'

/** Rows in which something looks wrong. */
export interface Suspects {
  count: number
  /** The first of them, counted from 0, as `mnist-predict --index` counts. */
  first: number[]
}

export interface Inspection {
  /** How many digits there are of each class, 0 to 9; undefined where they are without labels. */
  classes: number[] | undefined
  /** The first row of each class that there is; of digits without labels the first rows. */
  examples: number[]
  /** Pixels, of 784, that are the same in all digits. */
  constantPixels: number
  /** Digits whose pixels are those of an earlier one. */
  duplicates: Suspects
  /** Digits without any ink. */
  empty: Suspects
  /** Digits more than half of ink, or with a border more than half of ink: dark on bright, as it seems. */
  inverted: Suspects
  /** Digits without any paper. */
  allInk: Suspects
}

const NAMED = 5 // suspects
const EXAMPLES = 10

// Rows of pixels at the edge: the first and the last line, and both ends of the lines between.
const BORDER = Array.from({ length: PIXELS }, (_, p) => p).filter((p) => {
  const [y, x] = [Math.floor(p / 28), p % 28]
  return y === 0 || y === 27 || x === 0 || x === 27
})

/** Looks through digits, of which there is at least one. Ink is what is at least 128. */
export function inspect(digits: Digits): Inspection {
  const { pixels, labels } = digits
  const m = count(digits)
  const [empty, inverted, allInk, duplicates] = Array.from({ length: 4 }, (): Suspects => ({ count: 0, first: [] }))
  const suspect = (suspects: Suspects, row: number) => {
    if (suspects.count++ < NAMED) suspects.first.push(row)
  }

  const changes = new Uint8Array(PIXELS) // bits of each pixel that are not always those of the first digit
  for (let row = 0; row < m; row++) {
    const base = row * PIXELS
    let seen = 0
    let ink = 0
    for (let p = 0; p < PIXELS; p++) {
      const pixel = pixels[base + p]
      changes[p] |= pixel ^ pixels[p]
      seen |= pixel
      ink += pixel >> 7
    }
    if (seen === 0) suspect(empty, row)
    else if (ink === PIXELS) suspect(allInk, row)
    else if (2 * ink > PIXELS || hasBrightBorder(pixels, base)) suspect(inverted, row)
  }
  for (const row of repeatedRows(digits)) suspect(duplicates, row)

  const examples = hasLabels(digits)
    ? Array.from({ length: 10 }, (_, label) => labels.indexOf(label)).filter((row) => row !== -1)
    : Array.from({ length: Math.min(m, EXAMPLES) }, (_, row) => row)
  return {
    classes: hasLabels(digits) ? countClasses(labels) : undefined,
    examples,
    constantPixels: changes.reduce((constant, bits) => constant + (bits === 0 ? 1 : 0), 0),
    duplicates,
    empty,
    inverted,
    allInk,
  }
}

function countClasses(labels: Uint8Array): number[] {
  const classes = Array<number>(10).fill(0)
  for (const label of labels) classes[label]++
  return classes
}

function hasBrightBorder(pixels: Uint8Array, base: number): boolean {
  let ink = 0
  for (const p of BORDER) ink += pixels[base + p] >> 7
  return 2 * ink > BORDER.length
}

/** The rows whose pixels are those of an earlier row, in order: looked up in a hash table, compared byte for byte. */
function repeatedRows({ pixels }: Digits): number[] {
  const bytes = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length)
  const m = pixels.length / PIXELS
  const size = 2 ** Math.ceil(Math.log2(2 * m))
  const table = new Int32Array(size) // a row + 1, 0 where there is none; of rows that are equal the first
  const hashes = new Int32Array(m)
  const isEqual = (a: number, b: number) =>
    bytes.compare(bytes, a * PIXELS, (a + 1) * PIXELS, b * PIXELS, (b + 1) * PIXELS) === 0

  const repeated: number[] = []
  for (let row = 0; row < m; row++) {
    const hash = hashOf(pixels, row * PIXELS)
    hashes[row] = hash
    let slot = hash & (size - 1)
    while (table[slot] !== 0) {
      const other = table[slot] - 1
      if (hashes[other] === hash && isEqual(row, other)) break
      slot = (slot + 1) & (size - 1)
    }
    if (table[slot] === 0) table[slot] = row + 1
    else repeated.push(row)
  }
  return repeated
}

/** A hash of the 784 bytes from `base` on, 32 bits: FNV-1a over words of four, mixed once more after each. */
function hashOf(pixels: Uint8Array, base: number): number {
  let hash = 0x811c9dc5
  for (let at = base; at < base + PIXELS; at += 4) {
    const word = pixels[at] | (pixels[at + 1] << 8) | (pixels[at + 2] << 16) | (pixels[at + 3] << 24)
    hash = Math.imul(hash ^ word, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}
