import { expect, test } from 'vitest'
import { emptyRowBuffer, ensureRow, reserve, usedBytes } from '../../../src/digits/read/row-buffer.ts'

test('buffer keep their bytes when the buffer gbuffer', () => {
  const buffer = emptyRowBuffer(3)
  reserve(buffer, 2)
  expect(buffer.bytes.length).toBe(6)
  const before = buffer.bytes
  for (let row = 0; row < 100; row++) {
    ensureRow(buffer, row)
    buffer.bytes.fill(row, 3 * row, 3 * row + 3)
  }
  expect(buffer.bytes).not.toBe(before)
  buffer.count = 100
  expect([...usedBytes(buffer)]).toEqual(Array.from({ length: 300 }, (_, i) => Math.floor(i / 3)))
  reserve(buffer, 5000)
  expect(buffer.bytes.length).toBe(3 * 5100)
  expect([...usedBytes(buffer)].slice(-3)).toEqual([99, 99, 99])
})

test('at most 2²⁰ rows are reserved, however many are declared', () => {
  const buffer = emptyRowBuffer(1)
  reserve(buffer, 4_294_967_295)
  expect(buffer.bytes.length).toBe(2 ** 20)
})
