import { expect, test } from 'vitest'
import { pixelsOf } from '../../src/digits.ts'
import { generate } from '../../src/digits/generate.ts'
import { prepare } from '../../src/picture/prepare.ts'
import { stepsShown } from '../../src/terminal/steps.ts'
import { hardPicture } from '../support/hard-pictures.ts'

const { steps } = prepare(hardPicture('wide photo', pixelsOf(generate(1, 5), 0), 1))

test.each([80, 40])('steps fit a terminal of %i columns', (width) => {
  const lines = stepsShown(steps, false, width).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
  for (const { name } of steps) expect(lines.some((line) => line.includes(name))).toBe(true)
})

test('the lines of steps are as many as fit side by side', () => {
  const lines = (width: number) => stepsShown(steps, false, width).split('\n').length
  expect(lines(80)).toBeLessThan(lines(40))
})
