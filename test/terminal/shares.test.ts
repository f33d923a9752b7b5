import { expect, test } from 'vitest'
import { sharesPicture } from '../../src/terminal/shares.ts'

/** Shares by pixel; the others are 0. */
const sharesOf = (some: Record<number, number>) => Float64Array.from({ length: 784 }, (_, pixel) => some[pixel] ?? 0)

test('signs say for or against, and how much of the greatest share', () => {
  const row = { 0: 1, 1: 0.34, 2: 0.33, 3: 0.051, 4: 0.049, 6: -0.049, 7: -0.051, 8: -0.33, 9: -0.34 }
  expect(sharesPicture(sharesOf(row), false).split('\n')[0]).toBe('####++++..  ..----==')
})

test('the small picture has the sums of two shares, one above the other', () => {
  const two = { 0: 0.6, 28: 0.6, 1: 0.5, 29: -0.5, 2: 0.1, 30: -1 }
  const lines = sharesPicture(sharesOf(two), false, 55).split('\n')
  expect([lines.length, lines[0]]).toEqual([14, '# ='])
})

test('what is for is blue, what is against orange, what is weak has no colour', () => {
  const [line] = sharesPicture(sharesOf({ 0: 1, 1: -1, 2: 0.01 }), true, 28).split('\n')
  expect(line).toBe('\u001b[38;5;39m#\u001b[0m\u001b[38;5;208m=\u001b[0m.')
})
