import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { numberIn } from '../../../src/digits/read/field.ts'
import { readDigits } from '../../../src/digits/read.ts'
import { newFolder } from '../../support/folder.ts'

const folder = newFolder()

test.each([
  ['7', 7],
  [' 7 ', 7],
  ['7.', 7],
  ['7.0', 7],
  ['.5', 0.5],
  ['-0.25', -0.25],
  ['+7e0', 7],
  ['7E-1', 0.7],
])('%j is a number', (field, value) => {
  expect(numberIn(field)).toBe(value)
})

test.each(['', ' ', '.', '-', 'e5', '7e', '0x10', '1_000', '1,5', '7 7', 'NaN', 'Infinity', '٣'])(
  '%j is not a number',
  (field) => {
    expect(numberIn(field)).toBeNaN()
  },
)

// A pattern that backtracks takes minutes for these; the test's time limit is the assertion.
test.each([
  ['digits and a letter', `${'1'.repeat(1_000_000)}x`],
  ['a fraction and a letter', `0.${'1'.repeat(1_000_000)}x`],
  ['an exponent and a letter', `1e${'1'.repeat(1_000_000)}x`],
  ['spaces and a letter', `1${' '.repeat(1_000_000)}x`],
])('a field of 1 MB is no number: %s', (_, field) => {
  expect(numberIn(field)).toBeNaN()
})

test('a file of 800 kB of digits and a letter is refused', async () => {
  const path = join(folder, 'long.csv')
  for (const text of [`${'1'.repeat(800_000)}x`, `${'1'.repeat(800_000)}x\n`, `0,${'1'.repeat(800_000)}x\r0,0\r`]) {
    writeFileSync(path, text)
    await expect(readDigits([path])).rejects.toThrow('line longer than 64 KiB')
  }
})
