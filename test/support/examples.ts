/** Random digits and networks for tests of the engines. */
import { digitsFrom, PIXELS, type Digits } from '../../src/digits.ts'
import { initParams, type Params } from '../../src/network.ts'
import { randomStream } from '../../src/random.ts'

/** Random digits; as in MNIST, about a fifth of the pixels are ink, and those at the border never are. */
export function someDigits(m: number, seed = 1): Digits {
  const { rand } = randomStream(seed)
  const canBeInk = (p: number) => p >= 28 && p < 756 && p % 28 > 1
  const pixels = Uint8Array.from({ length: m * PIXELS }, (_, i) =>
    canBeInk(i % PIXELS) && rand() < 0.2 ? 1 + Math.floor(rand() * 255) : 0,
  )
  return digitsFrom(
    pixels,
    Uint8Array.from({ length: m }, () => Math.floor(rand() * 10)),
  )
}

/** The same random parameters for the same number of hidden units. */
export function someParams(hidden: number, seed = 2): Params {
  return initParams(randomStream(seed), hidden)
}
