import type { RandomStream } from '../random.ts'

/**
 * Shuffles the rows of digits as the notebook does and holds out the first `dev` of them.
 * @param m the number of digits
 * @param dev how many to hold out, from 0 to m − 1
 * @throws RangeError if no digit is left to train on
 */
export function split(m: number, dev: number, random: RandomStream): { train: Uint32Array; dev: Uint32Array } {
  if (dev >= m) throw new RangeError(`cannot hold out ${dev} of ${m} digits`)
  const rows = Uint32Array.from({ length: m }, (_, row) => row)
  random.shuffle(rows)
  return { train: rows.subarray(dev), dev: rows.subarray(0, dev) }
}
