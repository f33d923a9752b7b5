import { select, type Digits } from '../digits.ts'
import type { RandomStream } from '../random.ts'

/**
 * Shuffles the digits as the notebook does and holds out the first of them for evaluation.
 * @param dev how many to hold out, from 0 to one less than there are
 * @throws RangeError where no digit would be left to train on
 */
export function split(digits: Digits, dev: number, random: RandomStream): { train: Digits; dev: Digits } {
  const m = digits.labels.length
  if (dev >= m) throw new RangeError(`cannot hold out ${dev} of ${m} digits`)
  const rows = Uint32Array.from({ length: m }, (_, row) => row)
  random.shuffle(rows)
  return { train: select(digits, rows.subarray(dev)), dev: select(digits, rows.subarray(0, dev)) }
}
