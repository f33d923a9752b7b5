import { describe, expect, test } from 'vitest'
import {
  add,
  assign,
  columnMaxima,
  columnSums,
  divide,
  dot,
  matrix,
  rowSums,
  subtract,
  subtractScaled,
  toRows,
  transpose,
} from '../src/matrix.ts'
import { randomStream } from '../src/random.ts'
import { entries, expectClose } from './support/tensors.ts'

const stream = randomStream(1)
const random = (n: number, m: number) =>
  matrix(
    n,
    m,
    Float64Array.from({ length: n * m }, () => stream.rand() - 0.5),
  )

/** The product by definition. */
function product(A: ReturnType<typeof random>, B: ReturnType<typeof random>) {
  const C = matrix(A.shape[0], B.shape[1])
  for (let i = 0; i < A.shape[0]; i++) {
    for (let j = 0; j < B.shape[1]; j++) {
      for (let l = 0; l < B.shape[0]; l++) C.set(i, j, C.get(i, j) + A.get(i, l) * B.get(l, j))
    }
  }
  return C
}

describe('dot', () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 9]
  test.each(sizes)('sums %i products, in any memory order', (k) => {
    for (const [n, p] of [
      [1, 1],
      [3, 5],
      [10, 2],
    ]) {
      // prettier-ignore
      const [A, B] = [random(n, k), random(k, p)]
      const [At, Bt] = [transpose(random(k, n)), transpose(random(p, k))]
      expectClose('A·B', dot(A, B), product(A, B), 1e-15)
      expectClose('A·Bt', dot(A, Bt), product(A, Bt), 1e-15)
      expectClose('At·B', dot(At, B), product(At, B), 1e-15)
      expectClose('At·Bt', dot(At, Bt), product(At, Bt), 1e-15)
    }
  })

  test('takes part of a matrix', () => {
    const A = random(6, 6).lo(1, 2).hi(3, 4)
    const B = random(9, 5).lo(2, 1).hi(4, 3)
    expectClose('part', dot(A, B), product(A, B), 1e-15)
  })

  test('refuses shapes that do not fit, and names them', () => {
    expect(() => dot(matrix(2, 3), matrix(4, 5))).toThrow('dot: 2×3 · 4×5 do not fit')
  })
})

describe('entry by entry', () => {
  const A = matrix(2, 3, Float64Array.of(1, 2, 3, 4, 5, 6))

  test('repeats a column for every column and a row for every row', () => {
    expect(entries(add(A, matrix(2, 1, Float64Array.of(10, 20))))).toEqual([11, 12, 13, 24, 25, 26])
    expect(entries(subtract(A, matrix(1, 3, Float64Array.of(1, 2, 3))))).toEqual([0, 0, 0, 3, 3, 3])
  })

  test('reads views by their strides', () => {
    expect(entries(divide(transpose(A), matrix(1, 2, Float64Array.of(1, 2))))).toEqual([1, 2, 2, 2.5, 3, 3])
  })

  test('refuses shapes that do not fit', () => {
    expect(() => add(A, matrix(3, 2))).toThrow('2×3 and 3×2 do not fit')
  })

  test('subtractScaled and assign change only the entries of a view, in any memory order', () => {
    const whole = matrix(4, 5, new Float64Array(20).fill(1))
    const part = transpose(whole.lo(1, 2).hi(2, 3)) // 3×2
    subtractScaled(part, 2, matrix(3, 2, Float64Array.of(1, 2, 3, 4, 5, 6)))
    expect(toRows(part)).toEqual([[-1, -3], [-5, -7], [-9, -11]]) // prettier-ignore
    expect(toRows(whole)).toEqual([[1, 1, 1, 1, 1], [1, 1, -1, -5, -9], [1, 1, -3, -7, -11], [1, 1, 1, 1, 1]]) // prettier-ignore
    assign(part, matrix(1, 2, Float64Array.of(8, 9)))
    expect(toRows(whole)).toEqual([[1, 1, 1, 1, 1], [1, 1, 8, 8, 8], [1, 1, 9, 9, 9], [1, 1, 1, 1, 1]]) // prettier-ignore
    expect(() => subtractScaled(part, 2, matrix(2, 3))).toThrow('3×2 and 2×3 do not fit')
  })

  test('sums along rows and columns, and finds the maxima of columns', () => {
    expect(entries(rowSums(A))).toEqual([6, 15])
    expect(entries(columnSums(A))).toEqual([5, 7, 9])
    expect(entries(columnMaxima(matrix(2, 2, Float64Array.of(1, -2, -3, NaN))))).toEqual([1, NaN])
    expect(columnSums(A).shape).toEqual([1, 3])
  })
})
