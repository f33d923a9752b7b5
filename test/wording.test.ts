import { expect, test } from 'vitest'
import { counted, excerpt, measured } from '../src/wording.ts'

test('a measurement has three digits and no exponent', () => {
  const numbers = [6450.4, 123_456_789, 999.6, 100, 99.96, 41.66, 1, 0.5234, 0.0000123, 1e-9, 0]
  expect(numbers.map(measured)).toEqual([
    '6,450', '123,456,789', '1,000', '100', '100', '41.7', '1.00', '0.523', '0.0000123', '0', '0',
  ]) // prettier-ignore
})

test('a count has its noun in the singular only for one', () => {
  expect([0, 1, 2, 60_000].map((count) => counted(count, 'digit'))).toEqual(['0 digits', '1 digit', '2 digits', '60,000 digits']) // prettier-ignore
  expect(counted(2, 'entry', 'entries')).toBe('2 entries')
})

test('an excerpt has at most 24 characters, in quotes', () => {
  expect(excerpt('a'.repeat(24))).toBe(`"${'a'.repeat(24)}"`)
  expect(excerpt('a\n'.repeat(20))).toBe(`"${String.raw`a\n`.repeat(12)}…"`)
})
