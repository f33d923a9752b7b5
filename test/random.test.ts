import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { randomStream } from '../src/random.ts'

// NumPy 2.4.6: np.random.seed(seed), then np.random.rand(3), or np.random.shuffle(np.arange(10)) and np.random.rand(),
// or np.random.shuffle of 70,000 rows, their SHA-256 as little-endian uint32, and np.random.rand().
const KNOWN = [
  {
    seed: 0,
    rand: [0.5488135039273248, 0.7151893663724195, 0.6027633760716439],
    shuffled: [2, 8, 4, 9, 1, 6, 7, 3, 0, 5],
    after: 0.4375872112626925,
    rows: '722cfc7f08aa3725f0ac401a73fe6d9dbaab8cfe6d197fec5d022e8bcba01fac',
    afterRows: 0.4237031948594776,
  },
  {
    seed: 7,
    rand: [0.07630828937395717, 0.7799187922401146, 0.4384092314408935],
    shuffled: [8, 5, 0, 2, 1, 9, 7, 3, 6, 4],
    after: 0.07205113335976154,
    rows: 'd86dd51a5b71b7841dc2ce4478d67b2b1fbc8550e3f2b7552b6ec2ad7cc70cad',
    afterRows: 0.8287308347269923,
  },
  {
    seed: 42,
    rand: [0.3745401188473625, 0.9507143064099162, 0.7319939418114051],
    shuffled: [8, 1, 5, 0, 7, 2, 9, 4, 3, 6],
    after: 0.15599452033620265,
    rows: 'be9d6717b158ed58d8957bd053af161bbfb5c7dd80c1b83b8d77af52e96b0d40',
    afterRows: 0.038009333705462,
  },
  {
    seed: 4294967295,
    rand: [0.0976320289940138, 0.9123828453026218, 0.78903530185164],
    shuffled: [6, 9, 5, 1, 8, 0, 7, 4, 2, 3],
    after: 0.5043860941616843,
    rows: '063c6c87819439b22ec26ed6ac74701c25bb229b47e598c17f97d459389c1428',
    afterRows: 0.15664115678403312,
  },
]

const count = (m: number) => Uint32Array.from({ length: m }, (_, i) => i)

describe.each(KNOWN)('seed $seed gives the numbers of np.random', (known) => {
  test('rand draws the same float64 numbers', () => {
    const stream = randomStream(known.seed)
    expect([stream.rand(), stream.rand(), stream.rand()]).toEqual(known.rand)
  })

  test('shuffle gives ten entries the same order, and draws as many words', () => {
    const stream = randomStream(known.seed)
    const rows = count(10)
    stream.shuffle(rows)
    expect([...rows]).toEqual(known.shuffled)
    expect(stream.rand()).toBe(known.after)
  })

  test('shuffle gives 70,000 rows the same order', () => {
    const stream = randomStream(known.seed)
    const rows = count(70_000)
    stream.shuffle(rows)
    expect(createHash('sha256').update(rows).digest('hex')).toBe(known.rows)
    expect(stream.rand()).toBe(known.afterRows)
  })
})
