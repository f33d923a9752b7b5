import { expect, test } from 'vitest'
import { lines } from '../../../src/commands/predict/formats.ts'
import { emptyDigits } from '../../../src/digits.ts'

test('lines come in pieces, each once and in order', () => {
  const subjects = { kind: 'index' as const, names: [], digits: emptyDigits(200) }
  const line = (i: number) => String(i).padStart(1000)
  const pieces = Array.from(lines(subjects, line))
  expect(pieces.length).toBeGreaterThan(2)
  expect(pieces.join('')).toBe(Array.from({ length: 200 }, (_, i) => `${line(i)}\n`).join(''))
})
