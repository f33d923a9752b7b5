import { mersenne } from 'pure-rand/generator/mersenne'

/**
 * A stream of random numbers, the same as NumPy's after `np.random.seed(seed)`: the Mersenne Twister MT19937
 * (Matsumoto & Nishimura 1998), turned into numbers as `np.random` does.
 */
export interface RandomStream {
  /** A double, uniform in [0, 1), with 53 random bits. Like `np.random.rand()`. */
  rand(): number
  /** Shuffles the entries in place. Like `np.random.shuffle(rows)`. */
  shuffle(rows: Uint32Array): void
}

/**
 * Starts a stream as `np.random.seed(seed)` does.
 * @param seed an integer from 0 to 2³² − 1
 */
export function randomStream(seed: number): RandomStream {
  const twister = mersenne(seed)
  const word = () => twister.next() >>> 0 // 32 random bits

  /** A uniform integer in [0, max], max ≥ 1, by rejection sampling: draws as many bits as `max` has until they fit. */
  const interval = (max: number) => {
    const bits = 32 - Math.clz32(max)
    let draw
    do draw = (word() << (32 - bits)) >>> (32 - bits)
    while (draw > max)
    return draw
  }

  return {
    rand() {
      const high = word() >>> 5 // 27 bits
      const low = word() >>> 6 // 26 bits
      return (high * 2 ** 26 + low) / 2 ** 53
    },
    shuffle(rows) {
      for (let i = rows.length - 1; i > 0; i--) {
        const j = interval(i)
        const row = rows[i]
        rows[i] = rows[j]
        rows[j] = row
      }
    },
  }
}
