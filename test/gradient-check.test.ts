import { describe, expect, test } from 'vitest'
import { checkEngines } from '../src/check/check-engines.ts'
import { toMatrix } from '../src/digits.ts'
import { createEngine } from '../src/engine/create-engine.ts'
import type { EngineGradients } from '../src/engine.ts'
import { checkGradients } from '../src/gradient-check.ts'
import { clone, map, matrix, scale } from '../src/matrix.ts'
import { backProp, forwardProp, loss, type Gradients, type Params } from '../src/network.ts'
import { randomStream } from '../src/random.ts'
import { someDigits, someParams } from './support/examples.ts'

const digits = someDigits(3)
const [X, Y] = [toMatrix(digits), digits.labels]

/** The lesson's gradients, edited, beside central differences. */
function compare(edit: (gradients: Gradients) => Partial<Gradients> = () => ({}), params = someParams(4)) {
  const gradients = backProp(params, forwardProp(params, X), X, Y)
  const measure = (changed: Params) => {
    const { A2, Z1 } = forwardProp(changed, X)
    return { loss: loss(A2, Y), Z1 }
  }
  return checkGradients({ ...gradients, ...edit(gradients) }, params, X, measure, randomStream(1))
}

describe('the gradients of the lesson', () => {
  test('are right: all biases, and 20 entries of each W', () => {
    const checks = compare()
    expect(checks.map(({ tensor, checked }) => [tensor, checked])).toEqual([['dW2', 20], ['db2', 10], ['dW1', 20], ['db1', 4]]) // prettier-ignore
    for (const { verdict, error, undecidable } of checks) {
      expect([verdict, undecidable]).toEqual(['right', 0])
      expect(error).toBeLessThan(1e-6)
    }
  })

  test.each(['dW2', 'db2', 'dW1', 'db1'] as const)('are wrong in %s alone if that is 2 %% too large', (name) => {
    const verdicts = compare((gradients) => ({ [name]: scale(gradients[name], 1.02) }))
    expect(verdicts.map(({ tensor, verdict }) => (tensor === name ? verdict : 'other'))).toContain('wrong')
    expect(verdicts.filter(({ tensor, verdict }) => tensor !== name && verdict !== 'right')).toEqual([])
  })

  test('are doubtful if they are 0.1 % too large, and wrong if they are NaN', () => {
    const [dW2, db2] = compare(({ dW2, db2 }) => ({ dW2: scale(dW2, 1.001), db2: map(db2, () => NaN) }))
    expect([dW2!.verdict, db2!.verdict]).toEqual(['doubtful', 'wrong'])
  })

  test('name the worst entry and both slopes', () => {
    const [, db2] = compare(({ db2 }) => {
      const wrong = clone(db2)
      wrong.set(7, 0, 5)
      return { db2: wrong }
    })
    expect(db2).toMatchObject({ row: 7, column: 0, analytic: 5 })
    expect(Math.abs(db2!.numeric)).toBeLessThan(1)
  })

  test('are undecidable where a ReLU changes side between w − h and w + h', () => {
    const params = someParams(4)
    params.W1.data.fill(0, 0, 784)
    params.b1.data[0] = 0 // Z1 = 0 in the first unit: its slope is 0 below and not above
    const [, , dW1, db1] = compare(undefined, params)
    expect([db1!.verdict, db1!.undecidable, db1!.checked]).toEqual(['right', 1, 3])
    expect(dW1!.verdict).toBe('right')
    expect(dW1!.undecidable).toBeGreaterThan(0)
  })
})

describe('a loss that is linear in the parameters', () => {
  const params = someParams(1)
  const slopes: Gradients = {
    dW1: matrix(1, 784),
    db1: matrix(1, 1),
    dW2: matrix(10, 1),
    db2: map(matrix(10, 1), () => 1e-9),
  }
  slopes.db2.set(0, 0, 1)
  const inked = matrix(784, 2)
  inked.set(300, 1, 1)
  slopes.dW1.set(0, 300, 0.5)
  const measure = ({ W1, b2 }: Params) => {
    const change = b2.data.reduce((sum, b, i) => sum + slopes.db2.data[i]! * b, 0)
    return { loss: 3 + change + W1.get(0, 300) / 2, Z1: matrix(1, 1) }
  }
  const check = (gradients: Gradients) => checkGradients(gradients, params, inked, measure, randomStream(1))

  test('may have slopes so small beside the largest that central differences miss them', () => {
    expect(check(slopes)[1]).toMatchObject({ tensor: 'db2', verdict: 'right' })
  })

  test('has dW1 compared only at pixels with ink', () => {
    expect(check(slopes)[2]).toMatchObject({ tensor: 'dW1', verdict: 'right', checked: 1 })
    expect(check({ ...slopes, dW1: matrix(1, 784) })[2]).toMatchObject({ verdict: 'wrong', column: 300, numeric: expect.closeTo(0.5, 9) as number }) // prettier-ignore
  })
})

describe('an engine', () => {
  test('of which one gradient is wrong is found', async () => {
    const broken: typeof createEngine = async (name, ...of) => {
      const engine = await createEngine(name, ...of)
      if (name === 'simd') return engine
      const gradients = (...given: Parameters<typeof engine.gradients>) => {
        const right = engine.gradients(...given)
        return { ...right, db1: matrix(10, 1) } as EngineGradients
      }
      return { ...engine, gradients }
    }
    const checks = await checkEngines(digits, broken)
    const wrong = checks.flatMap(({ engine, iteration, tensors }) =>
      tensors.filter(({ verdict }) => verdict !== 'right').map(({ tensor }) => `${engine} ${iteration} ${tensor}`),
    )
    expect(wrong).toEqual(['reference 0 db1', 'reference 20 db1'])
  })
})
