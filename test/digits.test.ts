import { expect, test } from 'vitest'
import {
  CHUNK,
  digitCount,
  digitsFrom,
  emptyDigits,
  join,
  PIXELS,
  pixelsOf,
  select,
  type Digits,
} from '../src/digits.ts'
import { unlabelled } from './support/digits.ts'

const M = CHUNK + 3

/** More digits than fit into one chunk; each has its row number in its first three pixels. */
const many = digitsFrom(
  new Uint8Array(M * PIXELS),
  Uint8Array.from({ length: M }, (_, row) => row % 10),
)
for (let row = 0; row < M; row++) pixelsOf(many, row).set([row >> 16, row >> 8, row])
const rowsIn = (digits: Digits) =>
  Array.from({ length: digitCount(digits) }, (_, i) => {
    const [a, b, c] = pixelsOf(digits, i)
    return a * 65536 + b * 256 + c
  })

test('digits lie in chunks, every one but the last of them full', () => {
  for (const digits of [many, emptyDigits(M)]) {
    expect(digits.chunks.map(({ length }) => length / PIXELS)).toEqual([CHUNK, 3])
    expect(digitCount(digits)).toBe(M)
  }
  expect([0, CHUNK].map((m) => [digitCount(emptyDigits(m)), emptyDigits(m).chunks.length])).toEqual([[0, 0], [CHUNK, 1]]) // prettier-ignore
  expect(rowsIn(many)).toEqual([...Array(M).keys()])
})

test('selected digits come from any chunk', () => {
  const rows = Uint32Array.of(CHUNK, 0, CHUNK + 2, CHUNK - 1, CHUNK)
  const selected = select(many, rows)
  expect(rowsIn(selected)).toEqual([...rows])
  expect([...selected.labels]).toEqual([...rows].map((row) => row % 10))
  pixelsOf(selected, 0).fill(7)
  expect(pixelsOf(many, CHUNK)[0]).toBe(1)
})

test('joined digits keep their order, wherever chunks end', () => {
  const few = select(many, Uint32Array.of(5, 6))
  const joined = join([few, many, few])
  expect(rowsIn(joined)).toEqual([5, 6, ...Array(M).keys(), 5, 6])
  expect(joined.labels.length).toBe(M + 4)
  expect(join([many])).toBe(many)
  expect(rowsIn(join([unlabelled(few), unlabelled(few)]))).toEqual([5, 6, 5, 6])
})
