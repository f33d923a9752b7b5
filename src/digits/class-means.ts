/** How digits look on average, class by class: enough to tell upright digits from transposed ones. */
import { PIXELS, pixelsOf, type Digits } from '../digits.ts'

const SIDE = 28
const CELLS = 7 // along a side
const SIZE = SIDE / CELLS // of a cell, in pixels
const CLASS = CELLS * CELLS // cells of a class

/** The cell of each pixel. */
const CELL_OF = Uint8Array.from({ length: PIXELS }, (_, p) => {
  const [row, column] = [Math.floor(p / SIDE), p % SIDE]
  return CELLS * Math.floor(row / SIZE) + Math.floor(column / SIZE)
})

/**
 * The mean ink of each class on 7×7 cells, row by row, in hex: f is most. They are the means of 10,000 digits that
 * generate.ts draws (a test), written down because drawing even 100 of them takes some 30 ms at the start of a command.
 */
export const UPRIGHT = [
  '0000000 016c920 0493860 0760570 0672940 029b610 0000000',
  '0000000 0027300 002a200 001b100 002a100 0037200 0000000',
  '0001100 028b920 0233930 0128710 05bb630 0377630 0000000',
  '0000000 028b810 0247920 004ca10 1214920 15aa500 0010000',
  '0000000 0133420 0464930 07b9c20 0258910 0015510 0001000',
  '0000000 0038840 0188420 006a710 0336810 0499300 0000000',
  '0001210 0028620 0187300 03db930 03c7a30 0058400 0000000',
  '0000000 0123310 059ac30 0215910 0029300 0147100 0122100',
  '0000000 005b920 0188a30 006f710 02a9710 02ab400 0001000',
  '0000000 0047400 04a8c30 059ac20 0247810 0137510 0012100',
].map((rows) => Array.from(rows.replaceAll(' ', ''), (digit) => parseInt(digit, 16)))

/** The cells of each class in digits, and how many digits it has. */
export interface ClassMeans {
  means: number[][]
  counts: number[]
}

/**
 * Pearson's correlation of what distinguishes the classes of labelled digits with what distinguishes those of upright
 * ones. Transposed digits of MNIST correlate by about 0.68 more if they are transposed back: 1,000 of them by at least
 * 0.62, 50 by at least 0.33 (all runs of MNIST's 10,000 test digits).
 * @param rows which digits to look at
 * @returns the correlation of the digits as they are, and transposed; ink may be on either side
 */
export function uprightness(digits: Digits, rows: number[]): { upright: number; transposed: number } {
  const found = classMeans(digits, rows)
  const upright = correlation(found, (cell) => cell)
  const transposed = correlation(found, (cell) => CELLS * (cell % CELLS) + Math.floor(cell / CELLS))
  const sign = upright + transposed < 0 ? -1 : 1 // inverted digits correlate negatively
  return { upright: sign * upright, transposed: sign * transposed }
}

/** The mean ink of each class, in any unit; 0 for a class without digits. */
export function classMeans(digits: Digits, rows: number[]): ClassMeans {
  const counts = Array.from({ length: 10 }, () => 0)
  const sums = counts.map(() => new Uint32Array(CLASS))
  for (const row of rows) {
    const label = digits.labels[row]
    counts[label]++
    const sum = sums[label]
    const pixels = pixelsOf(digits, row)
    for (let p = 0; p < PIXELS; p++) sum[CELL_OF[p]] += pixels[p]
  }
  return { means: sums.map((sum, label) => Array.from(sum, (ink) => ink / (counts[label] || 1))), counts }
}

/** @param cellFor the cell of the digits that is compared with a cell of upright ones */
function correlation({ means, counts }: ClassMeans, cellFor: (cell: number) => number): number {
  const classes = Array.from(counts.keys()).filter((label) => counts[label] > 0)
  let sumAA = 0
  let sumBB = 0
  let sumAB = 0
  for (let cell = 0; cell < CLASS; cell++) {
    const a = deviations(classes.map((label) => means[label][cellFor(cell)]))
    const b = deviations(classes.map((label) => UPRIGHT[label][cell]))
    for (let i = 0; i < classes.length; i++) {
      sumAA += a[i] * a[i]
      sumBB += b[i] * b[i]
      sumAB += a[i] * b[i]
    }
  }
  const spread = Math.sqrt(sumAA * sumBB)
  return spread > 0 ? sumAB / spread : 0
}

function deviations(values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}
