/** Comparing matrices tensor by tensor, with the tensor's name in what a failed test says. */
import { expect } from 'vitest'
import type { Matrix } from '../src/matrix.ts'

/** The entries row by row, whatever the strides. */
export function entries(M: Matrix): number[] {
  const [n, m] = M.shape
  return Array.from({ length: n * m }, (_, at) => M.get(Math.floor(at / m), at % m))
}

/** Expects that no entry is further off than `tolerance` times the largest entry of what is expected. */
export function expectClose(name: string, actual: Matrix, expected: Matrix, tolerance: number): void {
  expect(actual.shape, `shape of ${name}`).toEqual(expected.shape)
  const wanted = entries(expected)
  const largest = Math.max(...wanted.map(Math.abs))
  const furthest = Math.max(...entries(actual).map((entry, i) => Math.abs(entry - wanted[i])))
  expect(furthest, `${name}: furthest entry, largest is ${largest}`).toBeLessThanOrEqual(tolerance * largest)
}
