import { expect, test } from 'vitest'
import { measured } from '../src/wording.ts'

test('a measurement has three digits and no exponent', () => {
  const numbers = [6450.4, 123_456_789, 999.6, 100, 99.96, 41.66, 1, 0.5234, 0.0000123, 1e-9, 0]
  expect(numbers.map(measured)).toEqual([
    '6,450', '123,456,789', '1,000', '100', '100', '41.7', '1.00', '0.523', '0.0000123', '0', '0',
  ]) // prettier-ignore
})
