/** Whether the kernel computes what network.ts says: it does not if only one of them has been edited. */
import type { Digits } from '../digits.ts'
import type { EngineGradients } from '../engine.ts'
import type { EngineName } from '../hyperparameters.ts'
import { toRows } from '../matrix.ts'
import { initParams } from '../network.ts'
import { randomStream } from '../random.ts'
import { createEngine } from './create-engine.ts'

/** Relative difference above which results differ by more than rounding. */
const TOLERANCE = 1e-12

/**
 * Compares the engines' gradients and losses on the first m digits, with an untrained network.
 * @param engineNamed makes the engines; tests pass their own
 * @returns the first tensor in which they differ ("dW1"), or "loss"; undefined if they agree
 */
export async function disagreement(
  digits: Digits,
  hidden: number,
  m = 5,
  engineNamed = createEngine,
): Promise<string | undefined> {
  const rows = Uint32Array.from({ length: Math.min(m, digits.labels.length) }, (_, row) => row)
  const params = initParams(randomStream(1), hidden)
  const [expected, actual] = [await resultOf('reference'), await resultOf('simd')]
  return Object.keys(expected).find((name) => {
    const largest = Math.max(...expected[name].map(Math.abs))
    return !expected[name].every((entry, i) => Math.abs(entry - actual[name][i]) <= TOLERANCE * largest)
  })

  async function resultOf(name: EngineName): Promise<Record<string, number[]>> {
    const engine = await engineNamed(name, digits, { rows, hidden, threads: 1 })
    const { dW1, db1, dW2, db2, loss }: EngineGradients = engine.gradients(params)
    const entries = Object.entries({ dW2, db2, dW1, db1 }).map(([tensor, M]) => [tensor, toRows(M).flat()])
    engine.close()
    return Object.fromEntries([...entries, ['loss', [loss]]]) as Record<string, number[]>
  }
}
