/** Hidden units that no longer learn. */
import { select, toMatrix, type Digits } from './digits.ts'
import type { Params } from './network.ts'
import { LESSON, type Network } from './own-network.ts'

/** Multiplications that the sample may take: about 10 ms. */
const WORK = 2e7

/**
 * How many hidden units are dead: 0 after ReLU for every digit, so that their gradients are 0 and they never change.
 * Looks at the first 1,000 digits, or fewer of them in a wide network.
 */
export function deadUnits(params: Params, digits: Digits, { forwardProp }: Network = LESSON): number {
  const [hidden, inputs] = params.W1.shape
  const sample = Math.max(1, Math.min(digits.labels.length, 1000, Math.floor(WORK / (hidden * inputs))))
  const rows = Uint32Array.from({ length: sample }, (_, row) => row)
  const { A1 } = forwardProp(params, toMatrix(select(digits, rows))) // h×sample
  const isDead = (unit: number) => A1.data.subarray(unit * sample, (unit + 1) * sample).every((a) => a === 0)
  return Array.from({ length: hidden }, (_, unit) => unit).filter(isDead).length
}
