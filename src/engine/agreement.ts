/** Whether the kernel computes what network.ts says: it does not if only one of them has been edited. */
import type { Digits } from '../digits.ts'
import type { EngineName } from '../hyperparameters.ts'
import { toRows, type Matrix } from '../matrix.ts'
import { initParams } from '../network.ts'
import { randomStream } from '../random.ts'
import { createEngine } from './create-engine.ts'

/** Relative difference above which results differ by more than rounding. */
const TOLERANCE = 1e-12

/** What is compared: one iteration of a run with these options. */
export interface Iteration {
  hidden: number
  /** Learning rate, above 0 (default: 0.1). */
  alpha?: number
  /** From 0 to 1; `accumulate` is compared if it is above 0 (default: 0). */
  momentum?: number | undefined
  /** From 0 to 1 (default: 0). */
  labelSmoothing?: number | undefined
}

/**
 * Compares the engines in one iteration on the first m digits, from random parameters: gradients, loss, velocity and
 * update.
 * @param engineNamed makes the engines; tests pass their own
 * @returns the first in which they differ: a gradient ("dW1"), "loss", "accumulate" or "updateParams"; undefined if they
 *   agree
 */
export async function disagreement(
  digits: Digits,
  { hidden, alpha = 0.1, momentum = 0, labelSmoothing = 0 }: Iteration,
  m = 5,
  engineNamed = createEngine,
): Promise<string | undefined> {
  const rows = Uint32Array.from({ length: Math.min(m, digits.labels.length) }, (_, row) => row)
  const start = initParams(randomStream(1), hidden)
  const [expected, actual] = [await resultOf('reference'), await resultOf('simd')]
  return Object.keys(expected).find((name) => {
    const largest = Math.max(...expected[name].map(Math.abs))
    return !expected[name].every((entry, i) => Math.abs(entry - actual[name][i]) <= TOLERANCE * largest)
  })

  async function resultOf(name: EngineName): Promise<Record<string, number[]>> {
    const engine = await engineNamed(name, digits, { rows, hidden, threads: 1, labelSmoothing })
    const params = engine.place(start)
    const gradients = engine.gradients(params)
    const { dW1, db1, dW2, db2, loss } = gradients
    const found = { dW2: entries(dW2), db2: entries(db2), dW1: entries(dW1), db1: entries(db1), loss: [loss] }
    const velocity = momentum > 0 ? engine.placeVelocity(gradients) : undefined
    if (velocity) engine.accumulate(velocity, gradients, momentum)
    const accumulated = velocity && [velocity.dW1, velocity.db1, velocity.dW2, velocity.db2].flatMap(entries)
    engine.updateParams(params, velocity ?? gradients, alpha)
    const updated = [params.W1, params.b1, params.W2, params.b2].flatMap(entries)
    engine.close()
    return { ...found, ...(accumulated && { accumulate: accumulated }), updateParams: updated }
  }
}

function entries(M: Matrix): number[] {
  return toRows(M).flat()
}
