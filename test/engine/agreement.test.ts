import { expect, test } from 'vitest'
import type { EngineGradients } from '../../src/engine.ts'
import { disagreement } from '../../src/engine/agreement.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { scale } from '../../src/matrix.ts'
import { someDigits } from '../support/examples.ts'

const digits = someDigits(300)

test('the kernel agrees with network.ts', async () => {
  expect(await disagreement(digits, 3)).toBeUndefined()
  expect(await disagreement(digits, 17, 300)).toBeUndefined()
})

/** Engines of which the reference computes other gradients, as after an edit of network.ts. */
const edited = (edit: (gradients: EngineGradients) => Partial<EngineGradients>): typeof createEngine => {
  return async (name, ...args) => {
    const engine = await createEngine(name, ...args)
    if (name === 'simd') return engine
    const { gradients } = engine
    return { ...engine, gradients: (...of) => ({ ...gradients(...of), ...edit(gradients(...of)) }) }
  }
}

test.each(['dW1', 'db1', 'dW2', 'db2'] as const)('a difference in %s is found', async (name) => {
  const edit = edited((gradients) => ({ [name]: scale(gradients[name], 1 + 1e-9) }))
  expect(await disagreement(digits, 3, 5, edit)).toBe(name)
})

test('a difference in the loss is found', async () => {
  expect(
    await disagreement(
      digits,
      3,
      20,
      edited(({ loss }) => ({ loss: 2 * loss })),
    ),
  ).toBe('loss')
  expect(
    await disagreement(
      digits,
      3,
      20,
      edited(() => ({ loss: NaN })),
    ),
  ).toBe('loss')
})
