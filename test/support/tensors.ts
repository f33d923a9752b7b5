/** Compares matrices tensor by tensor, and names the tensor if a comparison fails. */
import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Measurement } from '../../src/engine.ts'
import { matrix, type Matrix } from '../../src/matrix.ts'
import type { Gradients, Params } from '../../src/network.ts'

const PARAMS = ['W1', 'b1', 'W2', 'b2'] as const
const GRADIENTS = ['dW1', 'db1', 'dW2', 'db2'] as const

/** The entries row by row, whatever the strides. */
export function entries(M: Matrix): number[] {
  const [n, m] = M.shape
  const [down, right] = M.stride
  const list: number[] = []
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) list.push(M.data[M.offset + i * down + j * right])
  return list
}

/** The absolute value of the entry that is furthest from 0; NaN if any entry is. */
export function largest(numbers: number[]): number {
  return numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
}

/** Expects every entry within `tolerance` times the largest expected entry. */
export function expectClose(name: string, actual: Matrix, expected: Matrix, tolerance: number): void {
  expect(actual.shape, `shape of ${name}`).toEqual(expected.shape)
  const wanted = entries(expected)
  const limit = tolerance * largest(wanted)
  const error = largest(entries(actual).map((entry, i) => entry - wanted[i]))
  expect(error, `${name}: largest error, if entries are up to ${largest(wanted)}`).toBeLessThanOrEqual(limit)
}

/** `expectClose` for each of the four parameters. */
export function expectCloseParams(actual: Params, expected: Params, tolerance: number): void {
  for (const name of PARAMS) expectClose(name, actual[name], expected[name], tolerance)
}

/** `expectClose` for each of the four gradients, then the loss and the number of correct examples. */
export function expectCloseGradients(
  actual: Gradients & Measurement,
  expected: Gradients & Measurement,
  tolerance: number,
): void {
  for (const name of GRADIENTS) expectClose(name, actual[name], expected[name], tolerance)
  expect(Math.abs(actual.loss / expected.loss - 1), 'relative error of the loss').toBeLessThanOrEqual(tolerance)
  expect(actual.correct, 'correct').toBe(expected.correct)
}

/** SHA-256 of the gradients, the loss and the number of correct examples: equal only if every bit is. */
export function bitsOf(gradients: Gradients & Measurement): string {
  const hash = createHash('sha256')
  for (const name of GRADIENTS) hash.update(Float64Array.from(entries(gradients[name])))
  return hash.update(Float64Array.of(gradients.loss, gradients.correct)).digest('hex')
}

/** The slopes of J with respect to one of its parameters, by central differences. */
export function centralDifferences(parameter: Matrix, J: () => number): Matrix {
  const STEP = 1e-5
  const slopes = parameter.data.map((entry, i, data) => {
    data[i] = entry + STEP
    const above = J()
    data[i] = entry - STEP
    const below = J()
    data[i] = entry
    return (above - below) / (2 * STEP)
  })
  const [rows, columns] = parameter.shape
  expect(largest([...slopes]), 'largest slope').toBeGreaterThan(1e-3)
  return matrix(rows, columns, slopes)
}

/** Expects the same bits in each of the four parameters: much faster than `toEqual`. */
export function expectSameParams(actual: Params, expected: Params): void {
  for (const name of PARAMS) {
    expect(actual[name].shape, `shape of ${name}`).toEqual(expected[name].shape)
    const bits = (M: Matrix) =>
      createHash('sha256')
        .update(Float64Array.from(entries(M)))
        .digest('hex')
    expect(bits(actual[name]), `bits of ${name}`).toBe(bits(expected[name]))
  }
}
