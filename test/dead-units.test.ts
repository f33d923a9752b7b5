import { expect, test } from 'vitest'
import { deadUnits } from '../src/dead-units.ts'
import { someDigits, someParams } from './support/examples.ts'

test('units that are 0 for every digit are dead', () => {
  const digits = someDigits(50)
  const params = someParams(7)
  const alive = 7 - deadUnits(params, digits)
  expect(alive).toBeGreaterThan(3)
  params.b1.data.fill(-1e6, 0, 3)
  expect(deadUnits(params, digits)).toBeGreaterThanOrEqual(3)
  params.b1.data.fill(-1e6)
  expect(deadUnits(params, digits)).toBe(7)
  params.b1.data.fill(1e6)
  expect(deadUnits(params, digits)).toBe(0)
})
