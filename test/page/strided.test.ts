import realNdarray from 'ndarray'
import { expect, test } from 'vitest'
import ndarray from '../../src/page/strided.ts'

test('stands in for ndarray: get, set, transpose, shape, stride and offset', () => {
  const data = () => Float64Array.from({ length: 6 }, (_, i) => i * i)
  const [real, own] = [realNdarray(data(), [2, 3]), ndarray(data(), [2, 3])]
  const views = [
    [real, own],
    [real.transpose(1, 0), own.transpose(1, 0)],
    [real.transpose(1, 0).transpose(1, 0), own.transpose(1, 0).transpose(1, 0)],
  ] as const
  for (const [one, other] of views) {
    expect([other.shape, other.stride, other.offset]).toEqual([one.shape, one.stride, one.offset])
    for (let i = 0; i < one.shape[0]; i++) {
      for (let j = 0; j < one.shape[1]; j++) {
        expect(other.get(i, j)).toBe(one.get(i, j))
        expect(other.set(i, j, 10 * i + j)).toBe(one.set(i, j, 10 * i + j))
      }
    }
    expect(other.data).toEqual(one.data)
  }
})
