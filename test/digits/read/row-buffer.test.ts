import { expect, test } from 'vitest'
import { CHUNK } from '../../../src/digits.ts'
import { chunkOf, emptyRowBuffer, offsetIn, setRows, usedChunks } from '../../../src/digits/read/row-buffer.ts'

test('rows that are written at once or one by one are the same, across chunks', () => {
  const m = 2 * CHUNK + 5
  const bytes = Uint8Array.from({ length: 3 * m }, (_, i) => i % 251)
  const [one, other] = [emptyRowBuffer(3, Infinity), emptyRowBuffer(3, Infinity)]
  setRows(one, 0, bytes.subarray(0, 3 * 7))
  setRows(one, 7, bytes.subarray(3 * 7))
  for (let row = 0; row < m; row++) chunkOf(other, row).set(bytes.subarray(3 * row, 3 * row + 3), offsetIn(other, row))
  for (const buffer of [one, other]) {
    buffer.count = m
    expect(usedChunks(buffer).map(({ length }) => length)).toEqual([3 * CHUNK, 3 * CHUNK, 15])
    expect(Buffer.concat(usedChunks(buffer)).equals(bytes)).toBe(true)
  }
})

test('a buffer has no more room than it will ever need, and says before it takes more', () => {
  const buffer = emptyRowBuffer(1, CHUNK + 2)
  const rooms: number[] = []
  buffer.beforeChunk = (rows) => rooms.push(rows)
  setRows(buffer, 0, new Uint8Array(CHUNK + 1))
  expect(buffer.chunks.map(({ length }) => length)).toEqual([CHUNK, 2])
  expect(rooms).toEqual([CHUNK, CHUNK + 2])
  buffer.count = 3
  expect(usedChunks(buffer).map(({ length }) => length)).toEqual([3])
})

test('a buffer makes room for as many rows as are expected, and for more if they come', () => {
  const buffer = emptyRowBuffer(1, Infinity)
  buffer.expected = 3
  setRows(buffer, 0, Uint8Array.of(1, 2, 3))
  expect(buffer.chunks.map(({ length }) => length)).toEqual([3])
  setRows(buffer, 3, Uint8Array.of(4))
  expect(buffer.chunks.map(({ length }) => length)).toEqual([CHUNK])
  setRows(buffer, CHUNK - 1, Uint8Array.of(5, 6))
  buffer.count = CHUNK + 1
  const used = Buffer.concat(usedChunks(buffer))
  expect(Array.from(used.subarray(0, 5))).toEqual([1, 2, 3, 4, 0])
  expect(Array.from(used.subarray(CHUNK - 1))).toEqual([5, 6])
})
