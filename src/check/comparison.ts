/** Whether a learner's matrix is the expected one, and where not. */
import { toRows, type Matrix } from '../matrix.ts'
import { shapeOf } from '../network-module/received.ts'

/** Relative to the largest entry: float32 is precise enough, another formula is not. */
const TOLERANCE = 1e-6

/** Pairs of entries that are shown. */
const SHOWN = 6

/** Whether two matrices have the same shape and, but for rounding, the same entries. */
export function isSame(found: Matrix, expected: Matrix, size = largest(expected)): boolean {
  return shapeOf(found) === shapeOf(expected) && differing(found, expected, size).length === 0
}

/** An entry that differs. */
export interface Difference {
  row: number
  column: number
  expected: number
  found: number
}

/** The first entries that differ, of matrices of the same shape. */
export function differencesOf(found: Matrix, expected: Matrix): { differing: number; of: number; first: Difference[] } {
  const entries = differing(found, expected, largest(expected))
  return { differing: entries.length, of: expected.shape[0] * expected.shape[1], first: entries.slice(0, SHOWN) }
}

function differing(found: Matrix, expected: Matrix, size: number): Difference[] {
  const others = toRows(expected)
  return toRows(found).flatMap((numbers, row) =>
    numbers.flatMap((found, column) => {
      const expected = others[row][column]
      return isClose(found, expected, size) ? [] : [{ row, column, expected, found }]
    }),
  )
}

function isClose(one: number, other: number, size: number): boolean {
  return Object.is(one, other) || one === other || Math.abs(one - other) <= TOLERANCE * size
}

/** The absolute value of the largest finite entry. */
export function largest(M: Matrix): number {
  return toRows(M)
    .flat()
    .reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1e-12)
}

/** The number k for which found is k · expected, if there is one. */
export function factorOf(found: Matrix, expected: Matrix): number | undefined {
  if (shapeOf(found) !== shapeOf(expected)) return undefined
  const [one, other] = [toRows(found).flat(), toRows(expected).flat()]
  const product = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0)
  const k = product(one, other) / product(other, other)
  const size = Math.abs(k) * largest(expected)
  const isMultiple = one.every((x, i) => isClose(x, k * other[i], size))
  return Number.isFinite(k) && k !== 0 && isMultiple ? k : undefined
}
