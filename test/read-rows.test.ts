import { expect, test } from 'vitest'
import { emptyRows, makeRoom, reserve, taken } from '../src/digits/rows.ts'

test('rows stay as they are while room for more is made', () => {
  const rows = emptyRows(3)
  reserve(rows, 2)
  expect(rows.bytes.length).toBe(6)
  const before = rows.bytes
  for (let row = 0; row < 100; row++) {
    makeRoom(rows, row)
    rows.bytes.fill(row, 3 * row, 3 * row + 3)
  }
  expect(rows.bytes).not.toBe(before)
  rows.count = 100
  expect([...taken(rows)]).toEqual(Array.from({ length: 300 }, (_, i) => Math.floor(i / 3)))
  reserve(rows, 5000)
  expect(rows.bytes.length).toBe(3 * 5100)
  expect([...taken(rows)].slice(-3)).toEqual([99, 99, 99])
})

test('what is announced is believed up to a million rows', () => {
  const rows = emptyRows(1)
  reserve(rows, 4_294_967_295)
  expect(rows.bytes.length).toBe(2 ** 20)
})
