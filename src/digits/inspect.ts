/** What digits look like: how many of each class, which pixels are constant, and what looks wrong. */
import { digitCount, hasLabels, PIXELS, pixelsOf, type Digits } from '../digits.ts'
import { borderInk } from './border.ts'

/** Digits in which the same thing looks wrong. */
export interface Suspects {
  /** How many digits. */
  count: number
  /** The first five of them, as rows from 0, as for `mnist-predict --index`. */
  first: number[]
}

/** What `inspect` finds. */
export interface Inspection {
  /** How many digits there are of each class, 0 to 9; undefined if they are unlabelled. */
  classes: number[] | undefined
  /** The first row of each class that has one; the first ten rows if the digits are unlabelled. */
  examples: number[]
  /** Pixels, of 784, that are the same in all digits. */
  constantPixels: number
  /** Digits with the same pixels as an earlier one. */
  duplicates: Suspects
  /** Digits without any ink. */
  empty: Suspects
  /** Digits that are more than half ink, or whose border is: probably dark on bright. */
  inverted: Suspects
  /** Digits without any paper. */
  allInk: Suspects
}

const LISTED = 5 // suspects of each kind
const EXAMPLES = 10

/**
 * Inspects digits. A pixel of 128 or more is ink.
 * @param digits at least one
 */
export function inspect(digits: Digits): Inspection {
  const { labels } = digits
  const m = digitCount(digits)
  const [empty, inverted, allInk, duplicates] = Array.from({ length: 4 }, (): Suspects => ({ count: 0, first: [] }))
  const suspect = (suspects: Suspects, row: number) => {
    if (suspects.count++ < LISTED) suspects.first.push(row)
  }

  const changes = new Uint8Array(PIXELS) // bits of each pixel that differ from the first digit's
  const first = pixelsOf(digits, 0)
  for (let row = 0; row < m; row++) {
    const pixels = pixelsOf(digits, row)
    let seen = 0
    let ink = 0
    for (let p = 0; p < PIXELS; p++) {
      const pixel = pixels[p]
      changes[p] |= pixel ^ first[p]
      seen |= pixel
      ink += pixel >> 7
    }
    if (seen === 0) suspect(empty, row)
    else if (ink === PIXELS) suspect(allInk, row)
    else if (2 * ink > PIXELS || borderInk(pixels) > 1 / 2) suspect(inverted, row)
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

/** The rows with the same pixels as an earlier row, in order; found with a hash table, compared byte by byte. */
function repeatedRows(digits: Digits): number[] {
  const m = digitCount(digits)
  const size = 2 ** Math.ceil(Math.log2(2 * m))
  const table = new Int32Array(size) // open addressing; a row + 1, or 0 if free
  const hashes = new Int32Array(m)
  const isEqual = (a: number, b: number) => Buffer.compare(pixelsOf(digits, a), pixelsOf(digits, b)) === 0

  const repeated: number[] = []
  for (let row = 0; row < m; row++) {
    const hash = hashOf(pixelsOf(digits, row))
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

/** A 32-bit hash of a digit: FNV-1a over little-endian words, mixed once more after each. */
function hashOf(pixels: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < PIXELS; at += 4) {
    const word = pixels[at] | (pixels[at + 1] << 8) | (pixels[at + 2] << 16) | (pixels[at + 3] << 24)
    hash = Math.imul(hash ^ word, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}
