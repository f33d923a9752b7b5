import { describe, expect, test } from 'vitest'
import { parseRowRanges, rowsMissing, rowsOf, rowsToRead } from '../../../src/commands/predict/row-ranges.ts'

describe('rows', () => {
  test.each([
    ['3', [3], 4],
    ['0-9', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10],
    ['7-9,17,8', [7, 8, 9, 17, 8], 18],
    ['5-5, 2', [5, 2], 6],
  ])('%s are these, in this order', (text, rows, toRead) => {
    const ranges = parseRowRanges(text)
    expect([...rowsOf(ranges)]).toEqual(rows)
    expect(rowsToRead(ranges)).toBe(toRead)
  })

  test.each([
    ['', 'not rows, such as 3 or 0-9,17'],
    ['-1', 'not rows, such as 3 or 0-9,17'],
    ['1,,2', 'not rows, such as 3 or 0-9,17'],
    ['1-2-3', 'not rows, such as 3 or 0-9,17'],
    ['0x1', 'not rows, such as 3 or 0-9,17'],
    ['1.5', 'not rows, such as 3 or 0-9,17'],
    ['9-0', '9 is after 0; write the smaller row first'],
    ['0-1000000001', 'the greatest row is 1000000000'],
    ['99999999999', 'not rows, such as 3 or 0-9,17'],
  ])('%j are refused', (text, reason) => {
    expect(() => parseRowRanges(text)).toThrow(`--index ${JSON.stringify(text)}: ${reason}`)
  })

  test('that are missing are named as ranges, without being listed', () => {
    expect(rowsMissing(parseRowRanges('3,0-9'), 10)).toBe(undefined)
    expect(rowsMissing(parseRowRanges('3,0-10,12,8-999999999'), 10)).toBe('10,12,10-999999999')
  })
})
