import { describe, expect, test } from 'vitest'
import type { Engine, EngineGradients } from '../../src/engine.ts'
import { disagreement } from '../../src/engine/agreement.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { scale, subtractScaled } from '../../src/matrix.ts'
import { accumulate, updateParams } from '../../src/network.ts'
import { someDigits } from '../support/examples.ts'

const digits = someDigits(300)

test.each([{ hidden: 3 }, { hidden: 17, momentum: 0.9, labelSmoothing: 0.1 }])('the kernel agrees with network.ts: %j', async (iteration) => {
  expect(await disagreement(digits, iteration)).toBeUndefined()
  expect(await disagreement(digits, iteration, 300)).toBeUndefined()
}) // prettier-ignore

/** Engines of which the reference is another, as after an edit of network.ts. */
const edited = (edit: (engine: Engine, labelSmoothing: number) => Partial<Engine>): typeof createEngine => {
  return async (name, all, options) => {
    const engine = await createEngine(name, all, options)
    return name === 'simd' ? engine : { ...engine, ...edit(engine, options.labelSmoothing ?? 0) }
  }
}

/** … which computes other gradients. */
const withGradients = (edit: (gradients: EngineGradients) => Partial<EngineGradients>) =>
  edited(({ gradients }) => ({ gradients: (...of) => ({ ...gradients(...of), ...edit(gradients(...of)) }) }))

describe('a difference is found', () => {
  test.each(['dW1', 'db1', 'dW2', 'db2'] as const)('in %s', async (name) => {
    const edit = withGradients((gradients) => ({ [name]: scale(gradients[name], 1 + 1e-9) }))
    expect(await disagreement(digits, { hidden: 3 }, 5, edit)).toBe(name)
  })

  test('in the loss', async () => {
    const twice = withGradients(({ loss }) => ({ loss: 2 * loss }))
    expect(await disagreement(digits, { hidden: 3 }, 20, twice)).toBe('loss')
    const none = withGradients(() => ({ loss: NaN }))
    expect(await disagreement(digits, { hidden: 3 }, 20, none)).toBe('loss')
  })

  test('in updateParams, such as weight decay', async () => {
    const decaying = edited(() => ({
      updateParams: (params, direction, alpha) => {
        subtractScaled(params.W1, alpha * 1e-4, params.W1)
        updateParams(params, direction, alpha)
      },
    }))
    expect(await disagreement(digits, { hidden: 3 }, 5, decaying)).toBe('updateParams')
  })

  test('in accumulate, if there is momentum', async () => {
    const other = edited(() => ({ accumulate: (V, dW, momentum) => accumulate(V, dW, momentum / 2) }))
    expect(await disagreement(digits, { hidden: 3, momentum: 0.9 }, 5, other)).toBe('accumulate')
    expect(await disagreement(digits, { hidden: 3 }, 5, other)).toBeUndefined()
  })

  test('in label smoothing, if there is some', async () => {
    const other = edited(({ gradients }, labelSmoothing) => ({
      gradients: (...of) => ({
        ...gradients(...of),
        ...(labelSmoothing > 0 && { db2: scale(gradients(...of).db2, 2) }),
      }),
    }))
    expect(await disagreement(digits, { hidden: 3, labelSmoothing: 0.1 }, 5, other)).toBe('db2')
    expect(await disagreement(digits, { hidden: 3 }, 5, other)).toBeUndefined()
  })
})
